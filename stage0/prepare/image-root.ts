import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { O_CLOEXEC, O_PATH } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { UserDatabase } from '../runtime-config/identity.ts';
import { layeredRoot } from './layered-root.ts';

/** An image's root file system, looked into from outside. No path leads out of it. */
export interface ImageRoot extends UserDatabase, Disposable {
  readonly has: (path: string) => boolean;
}

/** Opens the tree of an image: one directory, or layers of it with the uppermost first. */
export function openImageRoot([path = '', ...below]: readonly string[]): ImageRoot {
  if (below.length > 0) return layeredRoot([path, ...below]);
  const root = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    passwd: () => readBelow(root, '/etc/passwd'),
    group: () => readBelow(root, '/etc/group'),
    ownerOf: (file) => statBelow(root, file),
    has: (file) => statBelow(root, file) !== undefined,
    [Symbol.dispose]: () => closeSync(root),
  };
}

/** A passwd file of a million users fits; what is larger is no such file. */
const MAX_BYTES = 64 * 1024 * 1024;

function readBelow(root: number, path: string): string | undefined {
  const fd = openBelow(root, path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  if (fd === undefined) return undefined;
  try {
    const { size } = fstatSync(fd);
    if (!fstatSync(fd).isFile() || size > MAX_BYTES) return undefined;
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, size, 0));
  } finally {
    closeSync(fd);
  }
}

function statBelow(root: number, path: string): { uid: number; gid: number } | undefined {
  const fd = openBelow(root, path, O_PATH | constants.O_NOFOLLOW);
  if (fd === undefined) return undefined;
  try {
    const { uid, gid } = fstatSync(fd);
    return { uid, gid };
  } finally {
    closeSync(fd);
  }
}

function openBelow(root: number, path: string, flags: number): number | undefined {
  try {
    return openat2(root, path, {
      flags: flags | O_CLOEXEC,
      resolve: RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS,
    });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return undefined;
    throw error;
  }
}
