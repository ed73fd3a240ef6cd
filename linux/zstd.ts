import { CODEC_OUTPUT, type Codec, CodecError } from './codec.ts';
import { callLong, openLibrary } from './libc.ts';

const LIBRARY = 'libzstd.so.1';
/** zstd.h: ZSTD_dParameter, ZSTD_cParameter, ZSTD_EndDirective */
const ZSTD_d_windowLogMax = 100;
const ZSTD_c_compressionLevel = 100;
const ZSTD_c_checksumFlag = 201;
const ZSTD_e = { continue: 0, end: 2 } as const;

/** A Zstandard decompressor (libzstd): frames follow each other, each with a window of at most 2^`windowLog` bytes. */
export function zstdDecoder(windowLog: number): Codec {
  const context = open('ZSTD_createDCtx');
  check('ZSTD_DCtx_setParameter', [context, ZSTD_d_windowLogMax, windowLog]);
  const scratch = Buffer.allocUnsafeSlow(CODEC_OUTPUT);
  return {
    step(input) {
      const round = { context, input, scratch };
      const { consumed, output, value } = stream('ZSTD_decompressStream_simpleArgs', round, []);
      return { consumed, output, ended: value === 0 };
    },
    [Symbol.dispose]: () => void callLong('ZSTD_freeDCtx', [context], LIBRARY),
  };
}

/** A Zstandard compressor that makes one frame with a checksum. */
export function zstdEncoder(level = 3): Codec {
  const context = open('ZSTD_createCCtx');
  check('ZSTD_CCtx_setParameter', [context, ZSTD_c_compressionLevel, level]);
  check('ZSTD_CCtx_setParameter', [context, ZSTD_c_checksumFlag, 1]);
  const scratch = Buffer.allocUnsafeSlow(CODEC_OUTPUT);
  return {
    step(input, last) {
      const round = { context, input, scratch };
      const directive = last ? ZSTD_e.end : ZSTD_e.continue;
      const { consumed, output, value } = stream('ZSTD_compressStream2_simpleArgs', round, [directive]);
      return { consumed, output, ended: last && value === 0 };
    },
    [Symbol.dispose]: () => void callLong('ZSTD_freeCCtx', [context], LIBRARY),
  };
}

function open(create: string): number {
  openLibrary(LIBRARY);
  const context = callLong(create, [], LIBRARY).value;
  if (context === 0) throw new CodecError('out of memory');
  return context;
}

interface Round {
  readonly context: number;
  readonly input: Uint8Array;
  /** Where the library writes; what it wrote is copied, so that small frames cost little. */
  readonly scratch: Buffer;
}

/** The `simpleArgs` functions take no structures: buffer, capacity and position, for output and for input. */
function stream(name: string, { context, input, scratch }: Round, more: readonly number[]) {
  const written = Buffer.alloc(8);
  const read = Buffer.alloc(8);
  const from = [input.length === 0 ? null : input, input.length, read];
  const value = check(name, [context, scratch, scratch.length, written, ...from, ...more]);
  const output = Buffer.from(scratch.subarray(0, Number(written.readBigUInt64LE())));
  return { value, consumed: Number(read.readBigUInt64LE()), output };
}

/** Results are a `size_t` whose highest values are error codes (zstd_errors.h: 1 to 119), negative when read as `long`. */
function check(name: string, args: Parameters<typeof callLong>[1]): number {
  const { value } = callLong(name, args, LIBRARY);
  if (value < 0) throw new CodecError(problems.get(-value) ?? `error ${-value} of libzstd`);
  return value;
}

/** zstd_errors.h: ZSTD_ErrorCode */
const problems: ReadonlyMap<number, string> = new Map([
  [10, 'not zstd data'],
  [12, 'a version of zstd that is not supported'],
  [14, 'a frame parameter that is not supported'],
  [16, 'a window larger than allowed'],
  [20, 'damaged data'],
  [22, 'wrong checksum'],
  [30, 'damaged dictionary'],
  [32, 'a dictionary is needed'],
  [64, 'out of memory'],
]);
