import { type Codec, CodecError } from './codec.ts';
import { type Arg, callInt, openLibrary } from './libc.ts';
import { type StreamLayout, type StreamMemory, streamMemory } from './stream-codec.ts';

const LIBRARY = 'liblzma.so.5';
/** lzma/base.h: lzma_ret, lzma_action; lzma/container.h; lzma/check.h */
const LZMA_STREAM_END = 1;
const LZMA_BUF_ERROR = 10;
const LZMA_ACTION = { RUN: 0, FINISH: 3 } as const;
const LZMA_CONCATENATED = 0x08;
const LZMA_CHECK_CRC64 = 4;

/**
 * struct lzma_stream, 136 bytes: next_in at 0, avail_in 8, total_in 16, next_out 24, avail_out 32, total_out 40,
 * allocator 48, internal 56, then reserved fields. All zero is LZMA_STREAM_INIT.
 */
const layout: StreamLayout = { lengthBytes: 8, nextIn: 0, availIn: 8, nextOut: 24, availOut: 32 };

/** An xz decompressor (liblzma): streams and stream padding follow each other; `memoryLimit` in bytes. */
export function xzDecoder(memoryLimit: number): Codec {
  return open('lzma_stream_decoder', [memoryLimit, LZMA_CONCATENATED]);
}

/** An xz compressor that makes one stream; `preset` 0 to 9 as of xz(1). */
export function xzEncoder(preset = 6): Codec {
  return open('lzma_easy_encoder', [preset, LZMA_CHECK_CRC64]);
}

function open(initializer: string, args: readonly Arg[]): Codec {
  openLibrary(LIBRARY);
  const memory = streamMemory(layout);
  const problem = lzma(initializer, [memory.address, ...args]);
  if (problem !== 0) {
    memory[Symbol.dispose]();
    throw new CodecError(problems.get(problem) ?? `error ${problem} of liblzma`);
  }
  return {
    step: (input, last) => memory.round(input, () => code(memory, last)),
    [Symbol.dispose]: () => {
      callInt('lzma_end', [memory.address], LIBRARY);
      memory[Symbol.dispose]();
    },
  };
}

function code(memory: StreamMemory, last: boolean): boolean {
  const value = lzma('lzma_code', [memory.address, last ? LZMA_ACTION.FINISH : LZMA_ACTION.RUN]);
  if (value > LZMA_STREAM_END && value !== LZMA_BUF_ERROR)
    throw new CodecError(problems.get(value) ?? `error ${value} of liblzma`);
  return value === LZMA_STREAM_END;
}

function lzma(name: string, args: readonly Arg[]): number {
  return callInt(name, args, LIBRARY).value;
}

/** lzma/base.h: lzma_ret */
const problems: ReadonlyMap<number, string> = new Map([
  [5, 'out of memory'],
  [6, 'more memory needed than allowed'],
  [7, 'not xz data'],
  [8, 'an option that is not supported'],
  [9, 'damaged data'],
]);
