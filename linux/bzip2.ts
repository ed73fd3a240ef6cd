import { type Codec, CodecError, type CodecStep } from './codec.ts';
import { type Arg, callInt, openLibrary } from './libc.ts';
import { clearStream, type StreamLayout, type StreamMemory, streamMemory } from './stream-codec.ts';

const LIBRARY = 'libbz2.so.1.0';
/** bzlib.h */
const BZ_STREAM_END = 4;
const BZ_ACTION = { RUN: 0, FINISH: 2 } as const;
const BLOCK_SIZE_100K = 9;

/**
 * bz_stream, 80 bytes: next_in at 0, avail_in 8 (unsigned), total_in 12, next_out 24, avail_out 32 (unsigned), total_out 36,
 * state 48, bzalloc 56, bzfree 64, opaque 72.
 */
const layout: StreamLayout = { lengthBytes: 4, nextIn: 0, availIn: 8, nextOut: 24, availOut: 32 };

/** A bzip2 decompressor (libbz2); streams follow each other. */
export function bzip2Decoder(): Codec {
  const stream = open();
  let started = false;
  const end = () => {
    if (started) bz('BZ2_bzDecompressEnd', [stream.address]);
    started = false;
  };
  return {
    step(input): CodecStep {
      if (!started) {
        clearStream(stream);
        check(bz('BZ2_bzDecompressInit', [stream.address, 0, 0]));
        started = true;
      }
      const step = stream.round(
        input,
        () => check(bz('BZ2_bzDecompress', [stream.address])) === BZ_STREAM_END,
      );
      if (step.ended) end();
      return step;
    },
    [Symbol.dispose]: () => {
      end();
      stream[Symbol.dispose]();
    },
  };
}

/** A bzip2 compressor that makes one stream. */
export function bzip2Encoder(): Codec {
  const stream = open();
  check(bz('BZ2_bzCompressInit', [stream.address, BLOCK_SIZE_100K, 0, 0]));
  return {
    step: (input, last) => stream.round(input, () => compress(stream, input, last)),
    [Symbol.dispose]: () => {
      bz('BZ2_bzCompressEnd', [stream.address]);
      stream[Symbol.dispose]();
    },
  };
}

/** BZ_RUN without input is an error to libbz2, and so is more input after the first BZ_FINISH. */
function compress(stream: StreamMemory, input: Uint8Array, last: boolean): boolean {
  if (!last && input.length === 0) return false;
  const action = last && input.length === 0 ? BZ_ACTION.FINISH : BZ_ACTION.RUN;
  return check(bz('BZ2_bzCompress', [stream.address, action])) === BZ_STREAM_END;
}

function open(): StreamMemory {
  openLibrary(LIBRARY);
  return streamMemory(layout);
}

function bz(name: string, args: readonly Arg[]): number {
  return callInt(name, args, LIBRARY).value;
}

function check(value: number): number {
  if (value < 0) throw new CodecError(problems.get(value) ?? `error ${value} of libbz2`);
  return value;
}

/** bzlib.h */
const problems: ReadonlyMap<number, string> = new Map([
  [-3, 'out of memory'],
  [-4, 'damaged data'],
  [-5, 'not bzip2 data'],
]);
