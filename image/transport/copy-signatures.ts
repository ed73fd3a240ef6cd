import type { Digest } from '../../schema/digest.ts';
import { copyParts, type OnBlobBytes } from '../oci/copy-image.ts';
import type { ImageDestination } from '../oci/destination.ts';
import { treeBudget, walkImage } from '../oci/image-tree.ts';
import type { ImageSource } from '../oci/source.ts';

/**
 * Copies what lies beside these documents of an image and is about them: signatures, attestations, whatever refers to them. Gives
 * how many there are. All of it together is bounded as an image is.
 */
export async function copySignatures(
  source: ImageSource,
  subjects: readonly Digest[],
  destination: ImageDestination,
  onBytes: OnBlobBytes,
): Promise<number> {
  const { companions, fetchDocument } = source;
  if (companions === undefined || fetchDocument === undefined) return 0;
  const budget = treeBudget();
  let count = 0;
  for (const subject of subjects)
    for await (const companion of companions(subject)) {
      const tree = await walkImage(companion.document, fetchDocument, budget);
      await copyParts(source, tree, destination, onBytes);
      await destination.putCompanion(companion);
      count++;
    }
  return count;
}

/** The first of these documents that something lies beside. */
export async function firstSigned(
  { companions }: ImageSource,
  subjects: readonly Digest[],
): Promise<Digest | undefined> {
  if (companions === undefined) return undefined;
  for (const subject of subjects) for await (const _ of companions(subject)) return subject;
  return undefined;
}
