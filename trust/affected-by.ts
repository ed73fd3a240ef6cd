import type { DecisionRecord } from './decision-record.ts';

/**
 * Of `images`, those that a signature by the key (its primary key or a subkey) helped in: what `trust revoke` has to list.
 * Whether other keys still vouch for them is for `reevaluate` to say.
 */
export function affectedBy<I extends { readonly record: DecisionRecord }>(
  fingerprint: string,
  images: readonly I[],
): readonly I[] {
  return images.filter(({ record }) =>
    record.signatures.some(({ key, signer }) => [key?.fingerprint, signer].includes(fingerprint)),
  );
}
