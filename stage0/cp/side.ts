import { closeSync, constants } from 'node:fs';
import { AT_FDCWD, O_CLOEXEC, O_PATH } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { hasCode } from '../../linux/system-error.ts';

/** A tree that is copied from or to: how paths in it are looked up. */
export interface Side {
  /** The directory that is "/" for its paths; AT_FDCWD for the caller's own. */
  readonly root: number;
  readonly resolve: number;
}

/** What the caller names on this machine: its own links are followed. */
export const here: Side = { root: AT_FDCWD, resolve: 0 };

/** The files of an app, by an fd of its root: no link of it leads out, whatever it makes of its files meanwhile. */
export function insideOf(root: number): Side {
  return { root, resolve: RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS };
}

/** A name in an open directory: the name's last link is not followed. */
export interface Spot extends Disposable {
  readonly directory: number;
  readonly name: Buffer;
}

/** Where a path of a side is. Its directory must be there. */
export function spotOf(side: Side, path: string): Spot {
  const { parent, name } = splitPath(path);
  const directory = openDirectory(side, parent);
  return { directory, name: Buffer.from(name), [Symbol.dispose]: () => closeSync(directory) };
}

/** Where a copy called `name` goes that is to be at `path`: below it if that is a directory, there if it is nothing yet. */
export function destinationOf(side: Side, path: string, name: Buffer): Spot {
  const below = openIfDirectory(side, path);
  if (below === undefined) return spotOf(side, path);
  return { directory: below, name, [Symbol.dispose]: () => closeSync(below) };
}

function openDirectory({ root, resolve }: Side, path: string): number {
  return openat2(root, path, { flags: O_PATH | O_CLOEXEC | constants.O_DIRECTORY, resolve });
}

function openIfDirectory(side: Side, path: string): number | undefined {
  try {
    return openDirectory(side, path === '' ? '.' : path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** The last name of a path, `.` for a directory that is named as itself (`/`, `a/..`). */
function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  const name = trimmed.slice(slash + 1);
  if (name === '' || name === '.' || name === '..') return { parent: path === '' ? '.' : path, name: '.' };
  return { parent: slash < 0 ? '.' : trimmed.slice(0, slash + 1), name };
}
