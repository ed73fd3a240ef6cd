import { createHash } from 'node:crypto';
import { show } from '../../schema/decode-error.ts';
import { type Digest, makeDigest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { type ImageConfig, parseImageConfig } from '../../schema/oci/image-config.ts';
import { parseSavedImages, type SavedImage } from '../../schema/oci/layout.ts';
import { platformMatches } from '../../schema/oci/platform.ts';
import { detectCompression, MAGIC_LENGTH } from '../compression.ts';
import { formatDockerReference, parseDockerReference } from '../reference/docker.ts';
import { ImageReferenceError } from '../reference/image-reference-error.ts';
import { type FileSet, FileSetError, readSmallFile } from './file-set.ts';
import { layerType, madeImage, sha256 } from './made-image.ts';
import type { ImageSource, ResolvedImage } from './source.ts';

const MAX_DOCUMENT = 8 << 20;

/**
 * An image that `docker save` wrote; `image` (as in RepoTags) picks one of several. It has no manifest, so one is made, and
 * that is what its digest means: such an archive can be signed as a file only.
 */
export function dockerArchiveSource(files: FileSet, where: string, image?: string): ImageSource {
  const names = new Map<Digest, string>();
  return {
    resolve: async (platform) => {
      const saved = await findSaved(files, where, image);
      const config = await readSmallFile(files, saved.Config, MAX_DOCUMENT);
      const decoded = parseImageConfig(config);
      if (!platformMatches(platform, decoded))
        throw new FileSetError(where, `the image is for ${show(`${decoded.os}/${decoded.architecture}`)}`);
      names.set(sha256(config), saved.Config);
      return describeImage(files, where, saved, config, decoded, names);
    },
    openBlob: async ({ digest }, offset = 0) => ({
      start: offset,
      bytes: files.open(nameOf(names, digest), offset),
    }),
    locateBlob: ({ digest }) => files.locate?.(nameOf(names, digest)),
    [Symbol.asyncDispose]: async () => files[Symbol.dispose](),
  };
}

function nameOf(names: ReadonlyMap<Digest, string>, digest: Digest): string {
  const name = names.get(digest);
  if (name === undefined) throw new FileSetError(digest, 'no such blob in the archive');
  return name;
}

async function findSaved(files: FileSet, where: string, image: string | undefined): Promise<SavedImage> {
  const all = parseSavedImages(await readSmallFile(files, 'manifest.json', MAX_DOCUMENT));
  const wanted = image === undefined ? undefined : normalize(image);
  const found =
    wanted === undefined ? all : all.filter(({ RepoTags }) => RepoTags.map(normalize).includes(wanted));
  const [saved] = found;
  if (saved !== undefined && found.length === 1) return saved;
  const tags = all
    .flatMap(({ RepoTags }) => RepoTags)
    .slice(0, 20)
    .map(show)
    .join(', ');
  const problem =
    image === undefined ? 'it does not hold one image' : `it does not hold one image called ${show(image)}`;
  throw new FileSetError(where, `${problem}; there are ${tags || 'no names in it'}`);
}

/** `busybox` and `docker.io/library/busybox:latest` are one. */
function normalize(tag: string): string {
  try {
    return formatDockerReference(parseDockerReference(tag));
  } catch (error) {
    if (error instanceof ImageReferenceError) return tag;
    throw error;
  }
}

async function describeImage(
  files: FileSet,
  where: string,
  saved: SavedImage,
  config: Buffer,
  { rootfs }: ImageConfig,
  names: Map<Digest, string>,
): Promise<ResolvedImage> {
  if (saved.Layers.length !== rootfs.diff_ids.length)
    throw new FileSetError(where, `${saved.Layers.length} layers, but ${rootfs.diff_ids.length} diff_ids`);
  const layers: Descriptor[] = [];
  for (const [index, name] of saved.Layers.entries()) {
    const layer = await describeLayer(files, where, name, rootfs.diff_ids[index]);
    names.set(layer.digest, name);
    layers.push(layer);
  }
  return madeImage(config, layers);
}

/** An uncompressed layer's digest is its diff ID, which whoever reads it verifies; a compressed one has to be read once. */
async function describeLayer(
  files: FileSet,
  where: string,
  name: string,
  diffId: Digest | undefined,
): Promise<Descriptor> {
  const size = files.size(name);
  if (size === undefined || diffId === undefined)
    throw new FileSetError(where, `layer ${show(name)} is missing`);
  const compression = await compressionOf(files, name);
  if (compression === 'bzip2' || compression === 'xz')
    throw new FileSetError(where, `layer ${show(name)} is compressed with ${compression}`);
  const digest = compression === 'none' ? diffId : await hashFile(files, name);
  return { mediaType: layerType[compression], digest, size };
}

async function compressionOf(files: FileSet, name: string) {
  for await (const chunk of files.open(name)) return detectCompression(chunk.subarray(0, MAGIC_LENGTH));
  return 'none';
}

async function hashFile(files: FileSet, name: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of files.open(name)) hash.update(chunk);
  return makeDigest('sha256', hash.digest('hex'));
}
