import { constants } from 'node:os';
import { MOVE_MOUNT } from '../../linux/mount.ts';
import { type Arg, flags, from, type Step, text } from '../program/step.ts';
import { CWD, jump, type Links, octal, openPlace } from './args.ts';

const { EEXIST, ENOENT } = constants.errno;
const S_IFREG = 0o100000;

/** Where a detached mount goes, inside the new root. */
export interface Target {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'directory' | 'file';
  /** `refuse` where a link would move the mount elsewhere: /proc, /sys, /dev (CVE-2019-19921, CVE-2023-27561). */
  readonly links: Links;
}

/** Steps that attach the mount `name` to its target, which is made when it is missing. */
export function attachMount(name: string, target: Target): readonly Step[] {
  const what = `attach ${target.path}`;
  const names = target.path.split('/').filter(Boolean);
  const leaf = names.at(-1) ?? '.';
  const parent = enterDirectory(`/${names.slice(0, -1).join('/')}`, `${name}.in`);
  const place = `${name}.at`;
  return [
    ...parent.steps,
    ...(target.kind === 'directory'
      ? [makeDirectory(parent.directory, leaf, what)]
      : makeFile(parent.directory, leaf, `${name}.found`)),
    openPlace(parent.directory, leaf, target.links, { as: place, what }),
    moveMount(from(name), from(place), what),
    { call: 'close', args: [from(place)] },
  ];
}

/** move_mount(2) of a mount by its fd to a place by its fd: no path is looked up. */
export function moveMount(mount: Arg, place: Arg, what: string): Step {
  const how = flags(MOVE_MOUNT, 'MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH');
  return { call: 'move_mount', args: [mount, text(''), place, text(''), how], what };
}

/** A directory that steps have opened, by the result of the last of them. */
export interface Entered {
  readonly steps: readonly Step[];
  readonly directory: Arg;
}

/**
 * Opens a directory of the new root, and makes what is missing of it. One name after the other, each in the directory
 * before: the image's links are followed inside the root, and one that leads out (/proc/self/fd/7) is an error before
 * anything was made behind it.
 */
export function enterDirectory(path: string, name: string): Entered {
  const what = `make directory ${path}`;
  const root: Step = openPlace(CWD, '/', 'refuse', { as: `${name}0`, what });
  const names = path.split('/').filter(Boolean);
  const steps = names.flatMap((component, i) => {
    const before = from(`${name}${i}`);
    return [
      makeDirectory(before, component, what),
      openPlace(before, component, 'follow', { as: `${name}${i + 1}`, what }),
    ];
  });
  return { steps: [root, ...steps], directory: from(`${name}${names.length}`) };
}

function makeDirectory(parent: Arg, name: string, what: string): Step {
  return { call: 'mkdirat', args: [parent, text(name), octal(0o755)], tolerate: EEXIST, what };
}

/**
 * An empty file to mount on. mknod, since an open would hang on a FIFO of the image. A link that leads nowhere
 * (/etc/resolv.conf of many distributions) is replaced by a file.
 */
function makeFile(parent: Arg, name: string, found: string): readonly Step[] {
  const what = `make file ${name}`;
  const make: Step = { call: 'mknodat', args: [parent, text(name), octal(S_IFREG | 0o644), 0], what };
  return [
    { ...make, tolerate: EEXIST },
    openPlace(parent, name, 'follow', { as: found, tolerate: ENOENT, skip: 2, what }),
    { call: 'close', args: [from(found)] },
    jump(2),
    { call: 'unlinkat', args: [parent, text(name), 0], what: `replace the link ${name}` },
    make,
  ];
}
