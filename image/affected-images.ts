import { affectedBy } from '../trust/affected-by.ts';
import type { Trust } from '../trust/evaluate.ts';
import { TrustError } from '../trust/trust-error.ts';
import { decideAgain } from './fetch/judge.ts';
import { decisionIn } from './fetch/kept-decision.ts';
import type { StoredImage } from './store/image.ts';
import type { Store } from './store/layout.ts';
import { listImages } from './store/lookup.ts';

/** An image that came in by a signature of some key. */
export interface AffectedImage {
  readonly image: StoredImage;
  /** Why it does not run any more; undefined: others vouch for it, too. */
  readonly refusal: string | undefined;
}

/** The images of the store that a key helped in, and what becomes of them by today's keys and policy. */
export async function affectedImages(
  store: Store,
  fingerprint: string,
  trust: Trust,
): Promise<readonly AffectedImage[]> {
  const decided = listImages(store).images.flatMap((image) => {
    const record = readDecision(image);
    return record === undefined ? [] : [{ image, record }];
  });
  const affected: AffectedImage[] = [];
  for (const { image, record } of affectedBy(fingerprint, decided)) {
    const { blob, name, verification } = image.record;
    const kept = { request: record.request, name, blob, verification };
    const { verdict } = await decideAgain(record, kept, trust);
    affected.push({ image, refusal: verdict.accepted ? undefined : verdict.reason });
  }
  return affected;
}

/** A record that cannot be read lets nothing run. */
function readDecision({ id, record }: StoredImage) {
  try {
    return decisionIn(record.verification, id);
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}
