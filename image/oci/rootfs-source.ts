import { createHash } from 'node:crypto';
import { closeSync, lstatSync, readSync } from 'node:fs';
import { type Digest, makeDigest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { Platform } from '../../schema/oci/platform.ts';
import { writeArchive } from '../archive.ts';
import { compress } from '../compress.ts';
import { type Chunks, type Compression, decompress, detectCompression } from '../compression.ts';
import { gathered } from '../gathered.ts';
import { type LayeredTree, readTree } from '../read-tree.ts';
import { openRegular } from './archive-files.ts';
import { fileRange } from './file-range.ts';
import { FileSetError } from './file-set.ts';
import { layerType, madeImage, sha256 } from './made-image.ts';
import type { BlobPlace, ImageSource } from './source.ts';
import { spool } from './spool.ts';

/** A layer that can be read from any offset, as often as one likes. */
interface OpenLayer extends Disposable {
  open(offset: number): Chunks;
  readonly place?: BlobPlace;
}

/** A root file system without any description, as `docker export` writes it: a tar, compressed or not, becomes the one layer. */
export async function tarSource(path: string, temporary: string): Promise<ImageSource> {
  const fd = openRegular(path);
  const head = Buffer.alloc(6);
  readSync(fd, head, 0, head.length, 0);
  const compression = detectCompression(head);
  const whole = fileRange(fd, 0, Number.MAX_SAFE_INTEGER);
  if (compression === 'none' || compression === 'gzip' || compression === 'zstd')
    return layerSource(openFile(fd, path), compression);
  try {
    return layerSource(openFile(await spool(decompress(whole, compression), temporary)), 'none');
  } finally {
    closeSync(fd);
  }
}

/** A root file system that is a directory: it becomes a tar, which is kept in an unnamed file while it is needed. */
export async function directorySource(path: string, temporary: string): Promise<ImageSource> {
  if (!lstatSync(path).isDirectory()) throw new FileSetError(path, 'not a directory');
  return layerSource(openFile(await spool(writeArchive(readTree(path, '.')), temporary)), 'none');
}

/** A tree with a configuration of its own: its one layer is compressed, and kept in an unnamed file while it is needed. */
export async function treeSource(
  tree: string | LayeredTree,
  temporary: string,
  configOf: ConfigOf,
): Promise<ImageSource> {
  const layer = compress(gathered(writeArchive(readTree(tree, '.'))), 'gzip');
  return layerSource(openFile(await spool(layer, temporary)), 'gzip', configOf);
}

/** Writes the image configuration for a layer with this diff ID. */
export type ConfigOf = (platform: Platform, diffId: Digest) => Buffer;

function openFile(fd: number, path?: string): OpenLayer {
  return {
    open: (offset) => fileRange(fd, offset, Number.MAX_SAFE_INTEGER),
    ...(path === undefined ? {} : { place: { path, offset: 0, size: 0 } }),
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function layerSource(
  layer: OpenLayer,
  compression: Compression & keyof typeof layerType,
  configOf: ConfigOf = makeConfig,
): ImageSource {
  let config: Buffer | undefined;
  const { place } = layer;
  return {
    resolve: async (platform) => {
      const { descriptor, diffId } = await measure(layer, compression);
      config = configOf(platform, diffId);
      return madeImage(config, [descriptor]);
    },
    openBlob: async ({ digest }, offset = 0) => {
      const own = config !== undefined && sha256(config) === digest ? config : undefined;
      return { start: offset, bytes: own === undefined ? layer.open(offset) : one(own.subarray(offset)) };
    },
    ...(place === undefined ? {} : { locateBlob: ({ mediaType, size }) => locate(place, mediaType, size) }),
    [Symbol.asyncDispose]: async () => layer[Symbol.dispose](),
  };
}

function locate(place: BlobPlace, mediaType: string, size: number): BlobPlace | undefined {
  return Object.values<string>(layerType).includes(mediaType) ? { ...place, size } : undefined;
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** The layer's digest and size, and its diff ID, in one pass over it. */
async function measure(layer: OpenLayer, compression: keyof typeof layerType) {
  const hash = createHash('sha256');
  let size = 0;
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const chunk of layer.open(0)) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const content = createHash('sha256');
  for await (const chunk of decompress(hashed(), compression))
    if (compression !== 'none') content.update(chunk);
  const digest = makeDigest('sha256', hash.digest('hex'));
  const descriptor: Descriptor = { mediaType: layerType[compression], digest, size };
  return {
    descriptor,
    diffId: compression === 'none' ? digest : makeDigest('sha256', content.digest('hex')),
  };
}

/** The same tree gives the same configuration: no date. */
function makeConfig({ os, architecture, variant }: Platform, diffId: Digest): Buffer {
  const platform = { architecture, os, ...(variant === undefined ? {} : { variant }) };
  return Buffer.from(
    JSON.stringify({ ...platform, config: {}, rootfs: { type: 'layers', diff_ids: [diffId] } }),
  );
}
