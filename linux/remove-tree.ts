import {
  closeSync,
  constants,
  fchmodSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { clearImmutable } from './inode-flags.ts';
import { hasCode } from './system-error.ts';

/**
 * Removes a directory and everything in it, however deep: what lies two levels down is first moved one level up, so no
 * path gets long and no stack grows. Links are removed, never followed; immutable files are made mutable. Mounts have to be
 * gone. Removing again what was half removed is fine.
 */
export function removeTree(path: string): void {
  const top = openDirectory(path);
  if (top === undefined) return;
  try {
    removeContent(top);
  } finally {
    closeSync(top);
  }
  removeMutable(path, rmdirSync);
}

function removeContent(top: number): void {
  let moved = 0;
  for (let directories = removeFiles(top); directories.length > 0; directories = removeFiles(top)) {
    for (const name of directories) {
      const path = entry(top, name);
      const directory = openDirectory(path);
      if (directory === undefined) continue;
      try {
        for (const below of removeFiles(directory)) moved = moveUp(entry(directory, below), top, moved);
      } finally {
        closeSync(directory);
      }
      removeMutable(path, rmdirSync);
    }
  }
}

/** Moves a directory into `top` under the first free name; returns the number to try next. */
function moveUp(path: Buffer, top: number, number: number): number {
  for (let next = number; ; next++) {
    try {
      renameSync(path, entry(top, Buffer.from(`.removed-${next}`)));
      return next + 1;
    } catch (error) {
      if (hasCode(error, 'EPERM') && clearImmutable(path)) next--;
      else if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw error;
    }
  }
}

/** Removes what is no directory from an open one, and returns the names of what is. */
function removeFiles(directory: number): readonly Buffer[] {
  const names = readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' });
  return names.filter((name) => !isRemoved(entry(directory, name)));
}

function isRemoved(path: Buffer): boolean {
  try {
    removeMutable(path, unlinkSync);
    return true;
  } catch (error) {
    if (hasCode(error, 'EISDIR')) return false;
    throw error;
  }
}

function removeMutable(path: string | Buffer, remove: (path: string | Buffer) => void): void {
  try {
    remove(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    if (!hasCode(error, 'EPERM') || !clearImmutable(path)) throw error;
    remove(path);
  }
}

/** Opens a directory and makes sure that its owner, whom we may be, can change it. */
function openDirectory(path: string | Buffer): number | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    makeMutable(fd);
    return fd;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function makeMutable(directory: number): void {
  try {
    fchmodSync(directory, 0o700);
  } catch (error) {
    if (!hasCode(error, 'EPERM') || !clearImmutable(`/proc/self/fd/${directory}/.`)) throw error;
    fchmodSync(directory, 0o700);
  }
}

function entry(directory: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name]);
}
