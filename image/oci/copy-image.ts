import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { ImageDestination } from './destination.ts';
import { type ImageTree, manifestTree } from './image-tree.ts';
import { inParallel } from './in-parallel.ts';
import type { ImageSource, ResolvedImage } from './source.ts';

/** How many blobs are on their way at once. */
const PARALLEL = 3;

/** Copies one platform's image. */
export async function copyImage(
  source: ImageSource,
  image: ResolvedImage,
  destination: ImageDestination,
  onBytes: OnBlobBytes = () => {},
): Promise<void> {
  const { manifest, manifestBytes: bytes, manifestType: mediaType, manifestDigest: digest } = image;
  const document = { bytes, mediaType, digest };
  await copyParts(source, manifestTree(document, manifest), destination, onBytes);
  await destination.putName(document);
}

/** Copies what an image consists of, blobs first, each document after those it names. Nothing has a name yet. */
export async function copyParts(
  source: Pick<ImageSource, 'openBlob'>,
  { blobs, documents }: ImageTree,
  destination: ImageDestination,
  onBytes: OnBlobBytes = () => {},
): Promise<void> {
  await inParallel(blobs, PARALLEL, (blob) => copyBlob(source, blob, destination, onBytes));
  for (const document of documents) await destination.putDocument(document);
}

/** Told how many bytes of a blob have gone by. */
export type OnBlobBytes = (blob: Descriptor, done: number) => void;

async function copyBlob(
  source: Pick<ImageSource, 'openBlob'>,
  blob: Descriptor,
  destination: ImageDestination,
  onBytes: OnBlobBytes,
): Promise<void> {
  if (await destination.hasBlob(blob)) return;
  await destination.putBlob(blob, async function* () {
    let done = 0;
    for await (const chunk of (await source.openBlob(blob)).bytes) {
      yield chunk;
      done += chunk.length;
      onBytes(blob, done);
    }
  });
}
