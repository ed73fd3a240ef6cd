import { constants } from 'node:os';
import { MOUNT_ATTR, mountAttr, OPEN_TREE } from '../../linux/mount.ts';
import { flags, from, type Step, struct, text } from '../program/step.ts';
import { CWD, jump, openPlace } from './args.ts';
import { moveMount } from './attach-mount.ts';
import { detachedMount } from './detached-mount.ts';

const { ENOENT, ENOTDIR } = constants.errno;

/** A file system of ours that is mounted in the new root, by its fd: looking below it needs no path from the root. */
export interface Mounted {
  readonly destination: string;
  readonly name: string;
}

/**
 * Steps, in the host's view, that make one mount of /dev/null for each masked path. Of the host's, so that nothing the
 * image contains can stand in for it (CVE-2025-31133).
 */
export function maskSources(paths: readonly string[]): readonly Step[] {
  const how = flags(OPEN_TREE, 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC');
  return paths.map((path, i) => ({
    call: 'open_tree',
    args: [CWD, text('/dev/null'), how],
    as: `mask${i}.null`,
    what: `mask ${path}`,
  }));
}

/**
 * Masks paths (runtime-spec `linux.maskedPaths`): a directory by an empty read-only tmpfs, anything else by /dev/null.
 * The places are found from the mount they are in, by fd, no link followed (CVE-2025-52881). A path that does not exist
 * is skipped; any other failure is fatal.
 */
export function maskPaths(paths: readonly string[], mounted: readonly Mounted[]): readonly Step[] {
  return paths.flatMap((path, i) => {
    const name = `mask${i}`;
    const what = `mask ${path}`;
    const coverFile = [moveMount(from(`${name}.null`), from(name), what)];
    const coverDirectory = [
      ...detachedMount({ destination: path, type: 'tmpfs', options: EMPTY }, `${name}.empty`),
      moveMount(from(`${name}.empty`), from(`${name}.dir`), what),
      jump(coverFile.length),
    ];
    const cover = [
      openPlace(from(name), '.', 'refuse', {
        as: `${name}.dir`,
        tolerate: ENOTDIR,
        skip: coverDirectory.length,
        what,
      }),
      ...coverDirectory,
      ...coverFile,
    ];
    return [openBelow(path, mounted, { as: name, tolerate: ENOENT, skip: cover.length, what }), ...cover];
  });
}

const EMPTY = ['ro', 'nosuid', 'nodev', 'noexec', 'nr_blocks=1', 'nr_inodes=1'];

/** Makes paths read only (runtime-spec `linux.readonlyPaths`): each is bound on itself, read only. */
export function protectPaths(paths: readonly string[], mounted: readonly Mounted[]): readonly Step[] {
  return paths.flatMap((path, i) => {
    const name = `readonly${i}`;
    const what = `make ${path} read only`;
    const attr = struct(mountAttr({ set: MOUNT_ATTR.MOUNT_ATTR_RDONLY }), '{set=MOUNT_ATTR_RDONLY}');
    const cloneFlags = flags(
      OPEN_TREE,
      'OPEN_TREE_CLONE',
      'OPEN_TREE_CLOEXEC',
      'AT_EMPTY_PATH',
      'AT_RECURSIVE',
    );
    const below = flags(OPEN_TREE, 'AT_EMPTY_PATH', 'AT_RECURSIVE');
    const protect: readonly Step[] = [
      { call: 'open_tree', args: [from(name), text(''), cloneFlags], as: `${name}.tree`, what },
      { call: 'mount_setattr', args: [from(`${name}.tree`), text(''), below, attr, 32], what },
      moveMount(from(`${name}.tree`), from(name), what),
    ];
    return [openBelow(path, mounted, { as: name, tolerate: ENOENT, skip: protect.length, what }), ...protect];
  });
}

/** Opens a path from the innermost of our own mounts it is in, or from the root. */
function openBelow(path: string, mounted: readonly Mounted[], step: Omit<Step, 'call' | 'args'>): Step {
  const inside = mounted
    .filter(({ destination }) => path.startsWith(`${destination}/`))
    .toSorted((a, b) => b.destination.length - a.destination.length)[0];
  if (inside === undefined) return openPlace(CWD, path, 'refuse', step);
  return openPlace(from(inside.name), path.slice(inside.destination.length + 1), 'refuse', step);
}
