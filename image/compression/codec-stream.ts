import { CODEC_OUTPUT, type Codec, CodecError } from '../../linux/codec.ts';
import { CompressionError } from './error.ts';

/** Runs chunks through a codec of a shared library, and disposes of it at the end. */
export async function* runCodec(
  format: string,
  codec: Codec,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  using owned = codec;
  let ended = false;
  for await (const chunk of chunks) {
    for (let rest = chunk, full = false; rest.length > 0 || (full && !ended); ) {
      const step = take(format, owned, rest, false);
      ended = step.ended;
      full = step.output.length === CODEC_OUTPUT;
      rest = rest.subarray(step.consumed);
      if (step.output.length > 0) yield step.output;
    }
  }
  if (!ended) yield* end(format, owned);
}

function* end(format: string, codec: Codec): Generator<Buffer> {
  for (;;) {
    const { output, ended } = take(format, codec, Buffer.alloc(0), true);
    if (output.length > 0) yield output;
    if (ended) return;
    if (output.length === 0) throw new CompressionError(format, 'ends too early');
  }
}

function take(format: string, codec: Codec, input: Buffer, last: boolean) {
  try {
    return codec.step(input, last);
  } catch (error) {
    if (error instanceof CodecError) throw new CompressionError(format, error.message);
    throw error;
  }
}
