import type { Digest } from '../../schema/digest.ts';
import { copyParts, type OnBlobBytes } from '../oci/copy-image.ts';
import type { ImageDestination } from '../oci/destination.ts';
import { type TreeBudget, treeBudget, walkImage } from '../oci/image-tree.ts';
import type { ImageSource } from '../oci/source.ts';

/** How many signatures, and other artifacts, there were, and how many of them had to stay behind. */
export interface CopiedSignatures {
  readonly found: number;
  readonly left: number;
}

/**
 * Copies what lies beside these documents of an image and is about them: signatures, attestations, whatever refers to them. All of
 * it together is bounded as an image is.
 */
export async function copySignatures(
  source: ImageSource,
  subjects: readonly Digest[],
  destination: ImageDestination,
  onBytes: OnBlobBytes,
): Promise<CopiedSignatures> {
  const budget = treeBudget();
  let [found, left] = [0, 0];
  for (const subject of subjects) {
    found += await copyCompanions(source, subject, destination, { onBytes, budget });
    const messages = (await source.simpleSignatures?.(subject)) ?? [];
    found += messages.length;
    if (messages.length === 0) continue;
    if (destination.putSimpleSignatures === undefined) left += messages.length;
    else await destination.putSimpleSignatures(subject, messages);
  }
  return { found, left };
}

async function copyCompanions(
  source: ImageSource,
  subject: Digest,
  destination: ImageDestination,
  { onBytes, budget }: { readonly onBytes: OnBlobBytes; readonly budget: TreeBudget },
): Promise<number> {
  const { companions, fetchDocument } = source;
  if (companions === undefined || fetchDocument === undefined) return 0;
  let count = 0;
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
  { companions, simpleSignatures }: ImageSource,
  subjects: readonly Digest[],
): Promise<Digest | undefined> {
  for (const subject of subjects) {
    for await (const _ of companions?.(subject) ?? []) return subject;
    if (((await simpleSignatures?.(subject)) ?? []).length > 0) return subject;
  }
  return undefined;
}
