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
  const place = `${name}.at`;
  return [
    ...makeParents(target.path),
    ...(target.kind === 'directory' ? [makeDirectory(target.path)] : makeFile(target.path, `${name}.found`)),
    openPlace(CWD, target.path, target.links, { as: place, what }),
    moveMount(from(name), from(place), what),
    { call: 'close', args: [from(place)] },
  ];
}

/** move_mount(2) of a mount by its fd to a place by its fd: no path is looked up. */
export function moveMount(mount: Arg, place: Arg, what: string): Step {
  const how = flags(MOVE_MOUNT, 'MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH');
  return { call: 'move_mount', args: [mount, text(''), place, text(''), how], what };
}

/** mkdir -p of everything above a path. */
export function makeParents(path: string): readonly Step[] {
  const names = path.split('/').filter(Boolean).slice(0, -1);
  return names.map((_, i) => makeDirectory(`/${names.slice(0, i + 1).join('/')}`));
}

export function makeDirectory(path: string): Step {
  return {
    call: 'mkdirat',
    args: [CWD, text(path), octal(0o755)],
    tolerate: EEXIST,
    what: `make directory ${path}`,
  };
}

/**
 * An empty file to mount on. mknod, since an open would hang on a FIFO of the image. A link that leads nowhere
 * (/etc/resolv.conf of many distributions) is replaced by a file.
 */
function makeFile(path: string, found: string): readonly Step[] {
  const what = `make file ${path}`;
  const make: Step = { call: 'mknodat', args: [CWD, text(path), octal(S_IFREG | 0o644), 0], what };
  return [
    { ...make, tolerate: EEXIST },
    openPlace(CWD, path, 'follow', { as: found, tolerate: ENOENT, skip: 2, what }),
    { call: 'close', args: [from(found)] },
    jump(2),
    { call: 'unlinkat', args: [CWD, text(path), 0], what: `replace the link ${path}` },
    make,
  ];
}
