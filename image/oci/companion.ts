import { isDeepStrictEqual } from 'node:util';
import { type Digest, digestAlgorithm, digestHex } from '../../schema/digest.ts';
import { type OciManifest, parseImageIndex, parseOciManifest } from '../../schema/oci/manifest.ts';
import { documentKind, OCI_CONFIG, OCI_MANIFEST } from '../../schema/oci/media-type.ts';
import { COSIGN_SIGNATURE_ANNOTATION } from '../../trust/cosign/signature.ts';
import type { ImageDestination } from './destination.ts';
import { ImageTreeError } from './image-tree.ts';
import { sha256 } from './made-image.ts';
import type { ImageDocument } from './source.ts';

/**
 * An artifact that is about an image: cosign's signatures or attestations, found by a tag made of the image's digest, or a
 * referrer, which names the image as its subject.
 */
export interface Companion {
  readonly kind: 'sig' | 'att' | 'referrer';
  readonly subject: Digest;
  readonly document: ImageDocument;
}

/** `sha256-HEX`: the tag under which registries without the referrers API keep an image's referrers (distribution spec). */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject)}-${digestHex(subject)}`;
}

/** `sha256-HEX.sig`: the tag under which cosign keeps an image's signatures; `.att` for attestations. */
export function cosignTag(subject: Digest, kind: 'sig' | 'att' = 'sig'): string {
  return `${referrersTag(subject)}.${kind}`;
}

/** What a manifest or index says that it refers to. Throws DecodeError. */
export function subjectOf({ bytes, mediaType }: ImageDocument): Digest | undefined {
  const isIndex = documentKind(mediaType) === 'index';
  const { subject } = isIndex ? parseImageIndex(bytes, mediaType) : parseOciManifest(bytes, mediaType);
  return subject?.digest;
}

/** What kind of artifact a document is: what an entry that lists it has for its `artifactType` (image-spec, descriptor.md). */
export function artifactTypeOf({ bytes, mediaType }: ImageDocument): string | undefined {
  if (documentKind(mediaType) === 'index') return parseImageIndex(bytes, mediaType).artifactType;
  const { artifactType, config } = parseOciManifest(bytes, mediaType);
  return artifactType ?? config.mediaType;
}

/**
 * Brings cosign's signatures together with those that a destination has of the same image already, and stores what that makes
 * there; gives the document that has them all.
 */
export async function putMerged(
  destination: Pick<ImageDestination, 'putBlob' | 'putDocument'>,
  known: ImageDocument | undefined,
  fresh: ImageDocument,
): Promise<ImageDocument> {
  if (known === undefined || known.digest === fresh.digest) return fresh;
  const layers = mergedLayers(known, fresh);
  if (typeof layers === 'string') return layers === 'known' ? known : fresh;
  const { config, document } = signatureManifest(layers);
  if (document.bytes.length > MAX_MERGED)
    throw new ImageTreeError(fresh.digest, 'with those that are there these are too many signatures');
  const descriptor = { mediaType: OCI_CONFIG, digest: sha256(config), size: config.length };
  await destination.putBlob(descriptor, async function* () {
    yield config;
  });
  await destination.putDocument(document);
  return document;
}

/** What registries allow a manifest to be, in bytes. */
const MAX_MERGED = 4 << 20;

/** A manifest as cosign writes it, of these layers, and its configuration. */
export function signatureManifest(layers: OciManifest['layers']): {
  readonly config: Buffer;
  readonly document: ImageDocument;
} {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const config = Buffer.from(JSON.stringify({ architecture: '', os: '', config: {}, rootfs }));
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest: sha256(config), size: config.length },
      layers,
    }),
  );
  return { config, document: { bytes, mediaType: OCI_MANIFEST, digest: sha256(bytes) } };
}

/** All layers of both, those that are known as they are; which of the two has them all, if one does. */
function mergedLayers(known: ImageDocument, fresh: ImageDocument): OciManifest['layers'] | 'known' | 'fresh' {
  const [old, young] = [layersOf(known), layersOf(fresh)];
  const all = new Map([...old, ...[...young].filter(([key]) => !old.has(key))]);
  if (all.size === old.size) return 'known';
  const isAllFresh = [...all].every(([key, layer]) => isDeepStrictEqual(layer, young.get(key)));
  return isAllFresh ? 'fresh' : [...all.values()];
}

/** The same payload may have been signed by several. */
function layersOf({ bytes, mediaType }: ImageDocument): ReadonlyMap<string, OciManifest['layers'][number]> {
  const { layers } = parseOciManifest(bytes, mediaType);
  return new Map(
    layers.map((layer) => [
      `${layer.digest} ${layer.annotations?.[COSIGN_SIGNATURE_ANNOTATION] ?? ''}`,
      layer,
    ]),
  );
}
