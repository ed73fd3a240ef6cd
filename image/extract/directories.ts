import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { O_CLOEXEC, O_PATH } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { hasCode } from '../../linux/system-error.ts';
import { leafName, parentPath, rootPath, type TreePath, treePathBytes } from '../tree-path.ts';

/** The directories of a tree, opened below its root: whatever the tree's links say, none is outside. */
export interface Directories extends Disposable {
  /** The directory at `path`, which must be there. */
  open(path: TreePath): number;
  /** The directory at `path`; it and those above it are made where they are missing. */
  ensure(path: TreePath): number;
  /** Forgets what is open: something on the way may have been replaced. */
  forget(): void;
}

/** So many stay open: archives list the files of a directory together. */
const MAX_OPEN = 64;

/** `made` is told of each directory that had to be made (mode 0700, owner: us), before what is in it. */
export function openDirectories(root: number, made: (path: TreePath) => void): Directories {
  const open = new Map<TreePath, number>();
  const keep = (path: TreePath, fd: number): number => {
    open.delete(path); // to put it last, as the one used last
    open.set(path, fd);
    closeOldest(open);
    return fd;
  };
  const find = (path: TreePath): number =>
    path === rootPath ? root : keep(path, open.get(path) ?? openDirectory(root, path, O_PATH));
  const ensure = (path: TreePath): number => {
    try {
      return find(path);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    const parent = ensure(parentPath(path));
    mkdirSync(placeIn(parent, path), 0o700);
    made(path);
    return keep(path, openSync(placeIn(parent, path), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW));
  };
  const forget = () => {
    for (const fd of open.values()) closeSync(fd);
    open.clear();
  };
  return { open: find, ensure, forget, [Symbol.dispose]: forget };
}

function closeOldest(open: Map<TreePath, number>): void {
  const [oldest] = open;
  if (oldest === undefined || open.size <= MAX_OPEN) return;
  closeSync(oldest[1]);
  open.delete(oldest[0]);
}

/** Opens a directory below `root`, following links within it (openat2 RESOLVE_IN_ROOT), magic ones never. */
export function openDirectory(root: number, path: TreePath, flags: number): number {
  return openat2(root, treePathBytes(path).subarray(0, -1), {
    flags: flags | constants.O_DIRECTORY | O_CLOEXEC,
    resolve: RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS,
  });
}

/** A path that leads to the last component of `path` in an open directory, for Node's calls, which know no dirfd. */
export function placeIn(directory: number, path: TreePath): Buffer {
  return Buffer.from(`/proc/self/fd/${directory}/${leafName(path)}`, 'latin1');
}
