import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { decompress, detectCompression } from '../compression.ts';
import { zipFiles } from '../zip.ts';
import { fileRange } from './file-range.ts';
import { type FileSet, FileSetError } from './file-set.ts';
import { spool } from './spool.ts';
import { tarFiles } from './tar-files.ts';

/** The files of a zip or a tar. A compressed tar is decompressed into an unnamed file in `temporary` first. */
export async function archiveFiles(path: string, temporary: string): Promise<FileSet> {
  const fd = openRegular(path);
  const head = Buffer.alloc(6);
  readSync(fd, head, 0, head.length, 0);
  if (isZip(head)) {
    closeSync(fd);
    return zipFiles(path);
  }
  const compression = detectCompression(head);
  if (compression === 'none') return fromTar(fd, path);
  try {
    const chunks = fileRange(fd, 0, Number.MAX_SAFE_INTEGER);
    return fromTar(await spool(decompress(chunks, compression), temporary));
  } finally {
    closeSync(fd);
  }
}

function fromTar(fd: number, path?: string): FileSet {
  try {
    return tarFiles(fd, path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** "PK" and the mark of a file, or of an empty archive's end (APPNOTE.TXT 4.3). */
function isZip(head: Buffer): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
}

/** Opens a regular file; O_NONBLOCK keeps a fifo from making us wait for a writer. */
export function openRegular(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new FileSetError(path, 'not a regular file');
}
