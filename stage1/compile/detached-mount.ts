import { FSCONFIG, FSMOUNT, FSOPEN, MS, mountAttr, OPEN_TREE } from '../../linux/mount.ts';
import type { Mount } from '../../schema/runtime-config.ts';
import { type Arg, flags, from, type Step, struct, text } from '../program/step.ts';
import { CWD } from './args.ts';
import { type MountOptions, parseMountOptions } from './mount-options.ts';

/**
 * Steps that make a mount without attaching it anywhere; its file descriptor is the result called `name`.
 * They run while the host's tree is still in view: bind sources are the host's, and a user namespace may mount proc and
 * sysfs only while it still sees complete ones. Attached later by attach-mount.ts, inside the new root.
 */
export function detachedMount(mount: Mount, name: string): readonly Step[] {
  const options = parseMountOptions(mount.options ?? []);
  return options.bind || mount.type === 'bind'
    ? bindMount(mount, options, name)
    : fileSystem(mount, options, name);
}

function bindMount(mount: Mount, options: MountOptions, name: string): readonly Step[] {
  const what = `bind ${mount.source} to ${mount.destination}`;
  return [
    bindSource(mount.source ?? '', name, what, options.recursive),
    setAttributes(name, { set: 0, propagation: options.propagation || MS.MS_PRIVATE }, true, what),
    ...attributeSteps(name, options, what),
  ];
}

/** A detached copy of what is mounted at a path; `recursive`: with the mounts below. */
export function bindSource(path: string, name: string, what: string, recursive: boolean): Step {
  const below: readonly (keyof typeof OPEN_TREE)[] = recursive ? ['AT_RECURSIVE'] : [];
  const how = flags(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', ...below);
  return { call: 'open_tree', args: [CWD, text(path), how], as: name, what };
}

function attributeSteps(name: string, options: MountOptions, what: string): readonly Step[] {
  const own = options.set || options.clear ? [setAttributes(name, options, false, what)] : [];
  const below = { set: options.recursiveSet, clear: options.recursiveClear };
  return below.set || below.clear ? [...own, setAttributes(name, below, true, what)] : own;
}

function setAttributes(
  fd: string,
  attr: { set: number; clear?: number; propagation?: number },
  recursive: boolean,
  what: string,
): Step {
  const { set, clear = 0, propagation = 0 } = attr;
  const bytes = mountAttr({ set, clear, propagation });
  const shown = `{set=${hex(set)}, clr=${hex(clear)}, propagation=${hex(propagation)}}`;
  const where: readonly (keyof typeof OPEN_TREE)[] = recursive
    ? ['AT_EMPTY_PATH', 'AT_RECURSIVE']
    : ['AT_EMPTY_PATH'];
  const args = [from(fd), text(''), flags(OPEN_TREE, ...where), struct(bytes, shown), bytes.length];
  return { call: 'mount_setattr', args, what };
}

function fileSystem(mount: Mount, options: MountOptions, name: string): readonly Step[] {
  const type = mount.type ?? 'none';
  const what = `mount ${type} on ${mount.destination}`;
  const fs = `${name}.fs`;
  const source = mount.source ?? type;
  const attributes: Arg = { value: options.set, shown: hex(options.set) };
  return [
    { call: 'fsopen', args: [text(type), flags(FSOPEN, 'FSOPEN_CLOEXEC')], as: fs, what },
    configure(fs, 'source', source, what),
    ...options.data.map((option) => configureOption(fs, option, what)),
    { call: 'fsconfig', args: [from(fs), flags(FSCONFIG, 'FSCONFIG_CMD_CREATE'), 0, 0, 0], what },
    { call: 'fsmount', args: [from(fs), flags(FSMOUNT, 'FSMOUNT_CLOEXEC'), attributes], as: name, what },
    { call: 'close', args: [from(fs)] },
  ];
}

function configureOption(fs: string, option: string, what: string): Step {
  const equals = option.indexOf('=');
  if (equals > 0) return configure(fs, option.slice(0, equals), option.slice(equals + 1), what);
  const args = [from(fs), flags(FSCONFIG, 'FSCONFIG_SET_FLAG'), text(option), 0, 0];
  return { call: 'fsconfig', args, what: `${what} with ${option}` };
}

function configure(fs: string, key: string, value: string, what: string): Step {
  const args = [from(fs), flags(FSCONFIG, 'FSCONFIG_SET_STRING'), text(key), text(value), 0];
  return { call: 'fsconfig', args, what: `${what} with ${key}=${value}` };
}

function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}
