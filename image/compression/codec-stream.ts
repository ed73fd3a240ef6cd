import { CODEC_OUTPUT, type Codec, CodecError, type CodecStep } from '../../linux/codec.ts';
import { CompressionError } from './error.ts';

/** Runs chunks through a codec of a shared library, and disposes of it at the end. */
export async function* runCodec(
  format: string,
  codec: Codec,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  using owned = codec;
  const run: Run = { format, codec: owned, taken: 0, parts: 0, ended: false };
  for await (const chunk of chunks) {
    run.taken += chunk.length;
    yield* feed(run, chunk);
  }
  if (!run.ended) yield* finish(run);
}

interface Run {
  readonly format: string;
  readonly codec: Codec;
  /** Bytes of input so far. */
  taken: number;
  /** Frames, members or streams so far. */
  parts: number;
  /** Whether the output so far ends where one of them does. */
  ended: boolean;
}

function* feed(run: Run, chunk: Buffer): Generator<Buffer> {
  for (let rest = chunk, isFull = false; rest.length > 0 || (isFull && !run.ended); ) {
    const { output, consumed } = step(run, rest, false);
    isFull = output.length === CODEC_OUTPUT;
    rest = rest.subarray(consumed);
    if (output.length > 0) yield output;
  }
}

function* finish(run: Run): Generator<Buffer> {
  while (!run.ended) {
    const { output } = step(run, Buffer.alloc(0), true);
    if (output.length > 0) yield output;
    else if (!run.ended) throw new CompressionError(run.format, 'ends too early');
  }
}

function step(run: Run, input: Buffer, last: boolean): CodecStep {
  const result = tryStep(run, input, last);
  run.ended = result.ended;
  if (run.ended && ++run.parts > maxParts(run.taken))
    throw new CompressionError(run.format, 'consists of too many small parts');
  return result;
}

/** Parts that hold next to nothing cost much more time than their bytes; nobody's tool makes so many. */
function maxParts(bytes: number): number {
  return 1000 + bytes / 512;
}

function tryStep({ format, codec }: Run, input: Buffer, last: boolean): CodecStep {
  try {
    return codec.step(input, last);
  } catch (error) {
    if (error instanceof CodecError) throw new CompressionError(format, error.message);
    throw error;
  }
}
