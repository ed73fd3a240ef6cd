import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Writes chunks to a file in `directory` that has no name any more, so that it can be read in any order, and ends with us. */
export async function spool(chunks: AsyncIterable<Buffer>, directory: string): Promise<number> {
  const path = join(directory, `spool-${crypto.randomUUID()}`);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    unlinkSync(path);
    for await (const chunk of chunks) writeAll(fd, chunk);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function writeAll(fd: number, chunk: Buffer): void {
  for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
}
