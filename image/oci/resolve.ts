import { show } from '../../schema/decode-error.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { isContainerImage, parseImageIndex, parseOciManifest } from '../../schema/oci/manifest.ts';
import { documentKind } from '../../schema/oci/media-type.ts';
import { choosePlatform, type Platform } from '../../schema/oci/platform.ts';
import type { ImageDocument, ResolvedImage } from './source.ts';
import { SizeMismatchError } from './verified-bytes.ts';

/** How deep indexes may lie inside indexes. */
export const MAX_INDEXES = 4;

/** An image that cannot be run here. */
export class ImageError extends Error {
  readonly code: 'ERR_NO_PLATFORM' | 'ERR_NOT_AN_IMAGE';
  constructor(code: ImageError['code'], document: ImageDocument, why: string) {
    super(`resolve image ${document.digest}: ${why}`);
    this.name = 'ImageError';
    this.code = code;
  }
}

/** Fetches a document by its descriptor, and checks its digest. */
export type FetchDocument = (descriptor: Descriptor) => Promise<ImageDocument>;

/** Goes from an index, or indexes in indexes, to the manifest for a platform. */
export async function resolveImage(
  root: ImageDocument,
  platform: Platform,
  fetchDocument: FetchDocument,
): Promise<ResolvedImage> {
  const indexes: ImageDocument[] = [];
  let document = root;
  while (documentKind(document.mediaType) === 'index') {
    if (indexes.length === MAX_INDEXES)
      throw new ImageError('ERR_NOT_AN_IMAGE', root, `more than ${MAX_INDEXES} indexes inside each other`);
    indexes.push(document);
    document = await fetchChecked(chooseEntry(document, platform), fetchDocument);
  }
  return { ...asImage(document), indexes };
}

function chooseEntry(document: ImageDocument, platform: Platform): Descriptor {
  const { manifests } = parseImageIndex(document.bytes, document.mediaType);
  const images = manifests.filter(({ mediaType, artifactType }) => {
    const kind = documentKind(mediaType);
    return (kind === 'manifest' || kind === 'index') && artifactType === undefined;
  });
  const entry = choosePlatform(images, platform);
  if (entry !== undefined) return entry;
  const there = images.map((each) => (each.platform === undefined ? 'any' : describePlatform(each.platform)));
  const why = `no image for ${describePlatform(platform)}; there are ${there.slice(0, 20).join(', ') || 'none'}`;
  throw new ImageError('ERR_NO_PLATFORM', document, why);
}

function describePlatform({ os, architecture, variant }: Platform): string {
  return show([os, architecture, ...(variant === undefined ? [] : [variant])].join('/')).slice(1, -1);
}

/** Fetches a document that an index names, which has to have the size the index says. */
export async function fetchChecked(
  descriptor: Descriptor,
  fetchDocument: FetchDocument,
): Promise<ImageDocument> {
  const document = await fetchDocument(descriptor);
  if (document.bytes.length !== descriptor.size)
    throw new SizeMismatchError(descriptor.digest, descriptor.size, String(document.bytes.length));
  // The index's word is signed with the index; what a server calls the same bytes is not (CVE-2021-41190).
  return { ...document, mediaType: descriptor.mediaType };
}

function asImage(document: ImageDocument): Omit<ResolvedImage, 'indexes'> {
  const manifest = parseOciManifest(document.bytes, document.mediaType);
  if (!isContainerImage(manifest))
    throw new ImageError(
      'ERR_NOT_AN_IMAGE',
      document,
      `an artifact (${show(manifest.config.mediaType)}) cannot be run`,
    );
  return {
    manifest,
    manifestBytes: document.bytes,
    manifestDigest: document.digest,
    manifestType: document.mediaType,
  };
}
