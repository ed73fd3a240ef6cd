import { runCodec } from './compression/codec-stream.ts';
import { gzip } from './compression/gzip.ts';
import type { Chunks, Compression } from './compression.ts';

/** The chunks, compressed; the same input gives the same bytes with the same libraries. */
export function compress(chunks: Chunks, compression: Compression): Chunks {
  return compressors[compression](chunks);
}

const compressors: Readonly<Record<Compression, (chunks: Chunks) => Chunks>> = {
  none: (chunks) => chunks,
  gzip,
  async *bzip2(chunks) {
    const { bzip2Encoder } = await import('../linux/bzip2.ts');
    yield* runCodec('bzip2', bzip2Encoder(), chunks);
  },
  async *xz(chunks) {
    const { xzEncoder } = await import('../linux/lzma.ts');
    yield* runCodec('xz', xzEncoder(), chunks);
  },
  async *zstd(chunks) {
    const { zstdEncoder } = await import('../linux/zstd.ts');
    yield* runCodec('zstd', zstdEncoder(), chunks);
  },
};
