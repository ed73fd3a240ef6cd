import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1024 * 1024;

/** The content of an open file from its beginning, whatever its position. */
export async function* fileChunks(fd: number): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK);
    const length = readSync(fd, chunk, 0, CHUNK, position);
    if (length === 0) return;
    position += length;
    yield chunk.subarray(0, length);
  }
}

/** Half of a processor's second cache, so that several hashes find the bytes there. */
const REUSED_CHUNK = 256 * 1024;

/** The same for readers that are done with a chunk when they ask for the next one, which takes its place: no memory is wasted. */
export function* passingChunks(fd: number): Generator<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(REUSED_CHUNK);
  for (let position = 0; ; ) {
    const length = readSync(fd, chunk, 0, REUSED_CHUNK, position);
    if (length === 0) return;
    position += length;
    yield chunk.subarray(0, length);
  }
}

/** The content of the file at `path`. */
export async function* pathChunks(path: string): AsyncGenerator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    yield* fileChunks(fd);
  } finally {
    closeSync(fd);
  }
}
