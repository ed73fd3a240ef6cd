import { MOUNT_ATTR, mountAttr, OPEN_TREE } from '../../linux/mount.ts';
import type { Mount } from '../../schema/runtime-config.ts';
import { flags, from, type Step, struct, text } from '../program/step.ts';
import { CWD, shown } from './args.ts';
import { moveMount } from './attach-mount.ts';

/** Whether a mount's owners are to be seen through the app's user namespace (runtime-spec config.md, `idmap` and `uidMappings`). */
export function isIdmapped({ options = [], uidMappings }: Mount): boolean {
  return uidMappings !== undefined || options.includes('idmap') || options.includes('ridmap');
}

/**
 * Maps the owners of the detached mount `name` as the user namespace does (mount_setattr(2), Linux 5.12): what belongs to
 * root on the disk belongs to root of the namespace. Only root of the file system's own namespace may, and only file systems
 * that can.
 */
export function idmap(name: string, userNamespace: number, what: string, recursive = false): Step {
  const { MOUNT_ATTR_IDMAP: set } = MOUNT_ATTR;
  const attr = struct(
    mountAttr({ set, usernsFd: userNamespace }),
    '{set=MOUNT_ATTR_IDMAP, userns=sandbox/ns/user}',
  );
  const where = recursive
    ? flags(OPEN_TREE, 'AT_EMPTY_PATH', 'AT_RECURSIVE')
    : flags(OPEN_TREE, 'AT_EMPTY_PATH');
  return { call: 'mount_setattr', args: [from(name), text(''), where, attr, 32], what };
}

/** Covers a directory by itself with its owners mapped: paths that lead into it show them from then on. */
export function idmapInPlace(path: string, userNamespace: number, name: string): readonly Step[] {
  const what = `map the owners of ${path}`;
  const tree = flags(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC');
  const place = shown(0o10000000 | 0o2000000, 'O_PATH|O_CLOEXEC');
  return [
    { call: 'open_tree', args: [CWD, text(path), tree], as: name, what },
    idmap(name, userNamespace, what),
    { call: 'openat', args: [CWD, text(path), place, 0], as: `${name}.at`, what },
    moveMount(from(name), from(`${name}.at`), what),
  ];
}
