import { readSync } from 'node:fs';

const CHUNK = 1 << 20;

/** The bytes of an open file from `start` up to `end`, or to the file's own end if that comes first. */
export async function* fileRange(fd: number, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position < end; ) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, end - position));
    const length = readSync(fd, chunk, 0, chunk.length, position);
    if (length === 0) return;
    position += length;
    yield chunk.subarray(0, length);
  }
}
