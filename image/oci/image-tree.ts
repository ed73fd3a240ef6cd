import type { Digest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { type OciManifest, parseImageIndex, parseOciManifest } from '../../schema/oci/manifest.ts';
import { documentKind, isNondistributable, type MediaType } from '../../schema/oci/media-type.ts';
import { type FetchDocument, fetchChecked, MAX_INDEXES } from './resolve.ts';
import type { ImageDocument } from './source.ts';
import { SizeMismatchError } from './verified-bytes.ts';

/** All that an image consists of, each thing once. */
export interface ImageTree {
  /** Manifests and indexes, each after those it names: the image itself is the last. */
  readonly documents: readonly ImageDocument[];
  /** Configurations and layers. */
  readonly blobs: readonly Descriptor[];
  /** Layers that are not to be distributed, and say where they are to be had (image-spec, layer.md). */
  readonly foreign: readonly Descriptor[];
}

/** What may still come: of documents, their bytes, and blobs. */
export interface TreeBudget {
  documents: number;
  bytes: number;
  blobs: number;
}

/** What one copy may consist of at most. */
export function treeBudget(): TreeBudget {
  return { documents: 512, bytes: 64 << 20, blobs: 10_000 };
}

/** An image that is too much to be copied, or that names what cannot be part of one. */
export class ImageTreeError extends Error {
  readonly code = 'ERR_IMAGE_TREE';
  readonly hint: string | undefined;
  constructor(digest: Digest, why: string, hint?: string) {
    super(`image ${digest}: ${why}`);
    this.name = 'ImageTreeError';
    this.hint = hint;
  }
}

/** The parts of a single manifest. */
export function manifestTree(document: ImageDocument, manifest: OciManifest): ImageTree {
  const walk = startWalk(document, treeBudget());
  noteBlobs(walk, manifest);
  return { ...partsOf(walk), documents: [document] };
}

/** Goes from a document to all it names, every digest and size checked, within the budget. */
export async function walkImage(
  root: ImageDocument,
  fetchDocument: FetchDocument,
  budget = treeBudget(),
): Promise<ImageTree> {
  const walk = startWalk(root, budget);
  spend(walk, root.bytes.length);
  const kind = documentKind(root.mediaType);
  if (kind !== 'index' && kind !== 'manifest')
    throw new ImageTreeError(root.digest, `"${root.mediaType}" is neither a manifest nor an index`);
  await visit(walk, root, fetchDocument, 0);
  return { ...partsOf(walk), documents: walk.documents };
}

interface Walk {
  readonly root: Digest;
  readonly budget: TreeBudget;
  readonly sizes: Map<Digest, number>;
  /** Of the documents that were met. */
  readonly types: Map<Digest, MediaType>;
  readonly documents: ImageDocument[];
  readonly blobs: Map<Digest, Descriptor>;
}

function startWalk({ digest, bytes, mediaType }: ImageDocument, budget: TreeBudget): Walk {
  return {
    root: digest,
    budget,
    sizes: new Map([[digest, bytes.length]]),
    types: new Map([[digest, mediaType]]),
    documents: [],
    blobs: new Map(),
  };
}

function partsOf({ blobs }: Walk): Pick<ImageTree, 'blobs' | 'foreign'> {
  const all = [...blobs.values()];
  return { blobs: all.filter((blob) => !isForeign(blob)), foreign: all.filter(isForeign) };
}

/** Clients do not copy these layers (distribution-spec, push): who wants them has their URLs. */
function isForeign({ mediaType, urls = [] }: Descriptor): boolean {
  return urls.length > 0 && isNondistributable(mediaType);
}

async function visit(
  walk: Walk,
  document: ImageDocument,
  fetchDocument: FetchDocument,
  depth: number,
): Promise<void> {
  const { bytes, mediaType } = document;
  if (documentKind(mediaType) === 'manifest') noteBlobs(walk, parseOciManifest(bytes, mediaType));
  else {
    if (depth === MAX_INDEXES)
      throw new ImageTreeError(walk.root, `more than ${MAX_INDEXES} indexes inside each other`);
    for (const child of parseImageIndex(bytes, mediaType).manifests)
      if (isNew(walk, child))
        await visit(walk, await fetchChecked(child, fetchDocument), fetchDocument, depth + 1);
  }
  walk.documents.push(document);
}

/** Whether the child is to be fetched. A document that is one thing here and another there says different things to different readers. */
function isNew(walk: Walk, { digest, mediaType, size }: Descriptor): boolean {
  const kind = documentKind(mediaType);
  if (kind !== 'manifest' && kind !== 'index')
    throw new ImageTreeError(walk.root, `it names ${digest}, which is neither a manifest nor an index`);
  noteSize(walk, digest, size);
  const known = walk.types.get(digest);
  if (known !== undefined && known !== mediaType)
    throw new ImageTreeError(walk.root, `it names ${digest} with two media types`);
  if (known !== undefined) return false;
  walk.types.set(digest, mediaType);
  spend(walk, size);
  return true;
}

function noteBlobs(walk: Walk, { config, layers }: OciManifest): void {
  for (const blob of [config, ...layers]) {
    noteSize(walk, blob.digest, blob.size);
    if (walk.blobs.has(blob.digest)) continue;
    walk.blobs.set(blob.digest, blob);
    if (--walk.budget.blobs < 0) throw new ImageTreeError(walk.root, 'too many blobs');
  }
}

function noteSize({ sizes }: Walk, digest: Digest, size: number): void {
  const known = sizes.get(digest) ?? size;
  if (known !== size) throw new SizeMismatchError(digest, known, String(size));
  sizes.set(digest, size);
}

function spend({ root, budget }: Walk, size: number): void {
  if (--budget.documents < 0) throw new ImageTreeError(root, 'too many manifests and indexes');
  budget.bytes -= size;
  if (budget.bytes < 0) throw new ImageTreeError(root, 'its manifests and indexes are too large');
}
