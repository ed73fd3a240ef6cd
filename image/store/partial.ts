import { closeSync, constants, fstatSync, lstatSync, openSync, writeSync } from 'node:fs';
import { tryLockFd } from '../../linux/lock.ts';
import { hasCode } from '../../linux/system-error.ts';
import { removeTree } from './remove-tree.ts';

const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * The file in `cas/partial`, made where there is none, locked by us until its fd is closed. Undefined when somebody else has it, or
 * has just given it another name or removed it. A link, a FIFO or what else is no regular file is removed, not opened.
 */
export function openPartial(path: string): number | undefined {
  removeIrregular(path);
  const fd = openRegular(path);
  if (fd === undefined) return undefined;
  if (tryLockFd(fd, 'exclusive') && isNamed(path, fd)) return fd;
  closeSync(fd);
  return undefined;
}

/** Where it stands how a partial file may be gone on with; whoever has the file locked has this. */
export function partialNotes(path: string): string {
  return `${path}.json`;
}

/** Whether the file still has this name. */
export function isNamed(path: string, fd: number): boolean {
  const [named, open] = [lstatSync(path, { throwIfNoEntry: false }), fstatSync(fd)];
  return named?.dev === open.dev && named.ino === open.ino;
}

/** Writes all of it at this place of the file. */
export function writeAt(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

function removeIrregular(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isFile()) removeTree(path);
}

/** Undefined: something else took its place meanwhile. */
function openRegular(path: string): number | undefined {
  try {
    const fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (error) {
    if (!hasCode(error, 'ELOOP', 'EISDIR', 'ENXIO')) throw error;
  }
  return undefined;
}
