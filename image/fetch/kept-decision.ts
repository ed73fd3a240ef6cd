import { show } from '../../schema/decode-error.ts';
import { type DecisionRecord, parseRecord, recordJson } from '../../trust/decision-record.ts';
import type { Evidence } from '../../trust/evidence.ts';
import { TrustError } from '../../trust/trust-error.ts';
import type { StoredImage } from '../store/image.ts';
import type { Verification } from '../store/record.ts';

/** A decision in the form the store keeps with an image. */
export function verificationOf(decision: DecisionRecord): Verification {
  return { status: decision.mode, decision: recordJson(decision) };
}

/** The decision that was kept with an image; undefined where nothing was asked when it came. `what` names it in errors. */
export function decisionIn({ decision }: Verification, what: string): DecisionRecord | undefined {
  return decision === undefined ? undefined : parseRecord(decision, `image ${show(what)}`);
}

/** The signatures that came with an image earlier; none if what was kept cannot be read, for it is about to be replaced. */
export function keptEvidence({ id, record }: StoredImage): readonly Evidence[] {
  try {
    const decision = decisionIn(record.verification, id);
    return decision?.signatures.map(({ evidence }) => evidence) ?? [];
  } catch (error) {
    if (error instanceof TrustError) return [];
    throw error;
  }
}
