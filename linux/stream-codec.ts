import { CODEC_OUTPUT, type CodecStep } from './codec.ts';
import { callLong } from './libc.ts';
import { allocate, free, PAGE_SIZE, peek, poke } from './memory.ts';

/** How much input is copied to the library in one round. */
const CODEC_INPUT = 256 * 1024;

/** Where the fields of a `z_stream`-like structure are: each length is followed by others, each pointer is 8 bytes. */
export interface StreamLayout {
  /** sizeof(unsigned) or sizeof(size_t) of `avail_in` and `avail_out`. */
  readonly lengthBytes: 4 | 8;
  readonly nextIn: number;
  readonly availIn: number;
  readonly nextOut: number;
  readonly availOut: number;
}

/**
 * The structure through which liblzma and libbz2 take input and give output. It lives in memory of its own, with its buffers:
 * both libraries keep pointers between calls (libbz2 even checks that the structure did not move).
 */
export interface StreamMemory extends Disposable {
  readonly address: number;
  /** Offers input and room for output, lets `code` run, and tells what it took and gave. */
  round(input: Uint8Array, code: () => boolean): CodecStep;
}

export function streamMemory(layout: StreamLayout): StreamMemory {
  const total = PAGE_SIZE + CODEC_INPUT + CODEC_OUTPUT;
  const address = allocate(total);
  const inputAddress = address + PAGE_SIZE;
  const outputAddress = inputAddress + CODEC_INPUT;
  return {
    address,
    round(input, code) {
      const given = input.subarray(0, CODEC_INPUT);
      poke(inputAddress, given);
      poke(address + layout.nextIn, integer(inputAddress, 8));
      poke(address + layout.availIn, integer(given.length, layout.lengthBytes));
      poke(address + layout.nextOut, integer(outputAddress, 8));
      poke(address + layout.availOut, integer(CODEC_OUTPUT, layout.lengthBytes));
      const ended = code();
      const left = (offset: number) => peek(address + offset, layout.lengthBytes).readUInt32LE();
      const output = peek(outputAddress, CODEC_OUTPUT - left(layout.availOut));
      return { consumed: given.length - left(layout.availIn), output, ended };
    },
    [Symbol.dispose]: () => free(address, total),
  };
}

/** sizeof(T) bytes, little-endian; lengths here fit 32 bits. */
function integer(value: number, bytes: 4 | 8): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value));
  else buffer.writeUInt32LE(value);
  return buffer;
}

/** Makes an all-zero structure again, as both libraries want it before an initializer. */
export function clearStream({ address }: StreamMemory): void {
  callLong('memset', [address, 0, PAGE_SIZE]);
}
