import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip, type Gzip } from 'node:zlib';
import { CompressionError } from './error.ts';

/** Chunks of 1 MiB halve zlib's time, compared with its default of 16 KiB. */
const CHUNK = 1024 * 1024;

/** Decompresses gzip, one member or several; works on a thread of its own while the caller uses what came out. */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: CHUNK });
  let taken = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      taken += chunk.length;
      yield chunk;
    }
  }
  try {
    yield* through(counted(), stream);
  } catch (error) {
    throw asCompressionError(error);
  }
  // zlib stops without a word where a member is followed by something that is not one
  if (stream.bytesWritten < taken) throw new CompressionError('gzip', 'followed by something else');
}

/** Compresses to one gzip member that says neither when nor from which file it was made. */
export function gzip(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return through(chunks, createGzip({ chunkSize: CHUNK }));
}

async function* through(chunks: AsyncIterable<Buffer>, stream: Gzip): AsyncGenerator<Buffer> {
  let failed: unknown;
  const input = Readable.from(chunks, { objectMode: false, highWaterMark: CHUNK });
  pipeline(input, stream, (error) => {
    failed = error;
  });
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw failed ?? error;
  } finally {
    stream.destroy();
    input.destroy();
  }
}

function asCompressionError(error: unknown): unknown {
  if (!(error instanceof Error) || !/^Z_/.test(String((error as NodeJS.ErrnoException).code))) return error;
  const isShort = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
  return new CompressionError('gzip', isShort ? 'ends too early' : `damaged (${error.message})`);
}
