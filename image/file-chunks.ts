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

/** The content of the file at `path`. */
export async function* pathChunks(path: string): AsyncGenerator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    yield* fileChunks(fd);
  } finally {
    closeSync(fd);
  }
}
