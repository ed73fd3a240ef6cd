import { BoundsError, bounded, type DecompressionBounds, defaultBounds } from './compression/bounds.ts';
import { runCodec } from './compression/codec-stream.ts';
import { CompressionError } from './compression/error.ts';
import { gunzip } from './compression/gzip.ts';

/** How a file is compressed, as its first bytes tell. */
export type Compression = 'none' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

export const compressions: readonly Compression[] = ['none', 'gzip', 'bzip2', 'xz', 'zstd'];

export type Chunks = AsyncIterable<Buffer>;

/** How many bytes {@link detectCompression} wants to see. */
export const MAGIC_LENGTH = 6;

/** Tells a file's compression by its first bytes; what has none of the four marks is taken as it is. */
export function detectCompression(head: Uint8Array): Compression {
  const [compression] = magic.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte)) ?? [
    'none',
  ];
  return compression;
}

const magic: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]], // RFC 1952
  ['bzip2', [0x42, 0x5a, 0x68]], // "BZh"
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], // "\xfd7zXZ\0"
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]], // RFC 8878
];

/**
 * What the chunks contain, uncompressed, in chunks of about 1 MiB. Members and frames may follow each other; input that
 * is damaged, ends too early or is followed by something else is a CompressionError, more output than allowed a BoundsError.
 */
export function decompress(
  chunks: Chunks,
  compression: Compression,
  bounds: DecompressionBounds = defaultBounds,
): Chunks {
  return bounded(chunks, bounds, (counted) => decompressors[compression](counted));
}

const decompressors: Readonly<Record<Compression, (chunks: Chunks) => Chunks>> = {
  none: (chunks) => chunks,
  gzip: gunzip,
  async *bzip2(chunks) {
    const { bzip2Decoder } = await import('../linux/bzip2.ts');
    yield* runCodec('bzip2', bzip2Decoder(), chunks);
  },
  async *xz(chunks) {
    const { xzDecoder } = await import('../linux/lzma.ts');
    yield* runCodec('xz', xzDecoder(XZ_MEMORY), chunks);
  },
  async *zstd(chunks) {
    const { zstdDecoder } = await import('../linux/zstd.ts');
    yield* runCodec('zstd', zstdDecoder(ZSTD_WINDOW_LOG), chunks);
  },
};

/** `xz -9` needs 65 MiB to decompress; a dictionary of 128 MiB fits. */
const XZ_MEMORY = 136 * 1024 * 1024;
/** A window of 128 MiB, the most `zstd --long` makes. */
const ZSTD_WINDOW_LOG = 27;

export { BoundsError, CompressionError };
