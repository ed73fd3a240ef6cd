import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { hasCode } from '../../linux/system-error.ts';
import type { Nanoseconds } from './info.ts';

/** No file of a pod is larger; what is, is broken. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The content of a pod's file, undefined when there is none. Never waits, never follows a link. */
export function readPodFile(path: string): string | undefined {
  const fd = openFile(path);
  if (fd === undefined) return undefined;
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, MAX_BYTES));
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

/** When a file was last written; undefined when there is none. */
export function modifiedAt(path: string): Nanoseconds | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
