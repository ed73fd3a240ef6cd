import { closeSync, constants, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface DurableOptions {
  /** Permissions; 0644 unless told otherwise. */
  readonly mode?: number;
  /** false: leave it to the kernel when the bytes reach the disk. */
  readonly sync?: boolean;
}

/** Makes a new file with this content and has it on the disk before it returns. EEXIST when there is one. */
export function createFile(path: string, content: string | Uint8Array, options: DurableOptions = {}): void {
  const { mode = 0o644, sync = true } = options;
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content);
    if (sync) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Puts a file in the place of another: readers see the old content or the new one, also after a crash. */
export function replaceFile(path: string, content: string | Uint8Array, options: DurableOptions = {}): void {
  const temporary = `${path}.${process.pid}.new`;
  createFile(temporary, content, options);
  renameSync(temporary, path);
  if (options.sync ?? true) syncDirectory(dirname(path));
}

/** Renames, and has both directories on the disk before it returns. */
export function moveDurably(from: string, to: string): void {
  renameSync(from, to);
  syncDirectory(dirname(to));
  syncDirectory(dirname(from));
}

/** fsync(2) of a directory: what was created, renamed or removed in it is on the disk. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
