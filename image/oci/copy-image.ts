import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { ImageDestination } from './destination.ts';
import { inParallel } from './in-parallel.ts';
import type { ImageSource, ResolvedImage } from './source.ts';

/** How many blobs are on their way at once. */
const PARALLEL = 3;

/** Copies one platform's image: blobs first, the manifest last, so that no reader ever sees half of it. */
export async function copyImage(
  source: ImageSource,
  image: ResolvedImage,
  destination: ImageDestination,
  onBytes: OnBlobBytes = () => {},
): Promise<void> {
  const blobs = distinct([image.manifest.config, ...image.manifest.layers]);
  await inParallel(blobs, PARALLEL, (blob) => copyBlob(source, blob, destination, onBytes));
  const { manifestBytes: bytes, manifestType: mediaType, manifestDigest: digest } = image;
  await destination.putDocument({ bytes, mediaType, digest }, true);
}

/** Told how many bytes of a blob have gone by. */
export type OnBlobBytes = (blob: Descriptor, done: number) => void;

async function copyBlob(
  source: ImageSource,
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

function distinct(blobs: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}
