import type { Chunks } from './compression.ts';

const CHUNK = 1024 * 1024;

/** tar-stream gives headers of 512 bytes, one at a time: compressors and hashes want more at once. */
export async function* gathered(chunks: Chunks): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length < CHUNK) continue;
    yield Buffer.concat(parts, length);
    parts = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(parts, length);
}
