import type { Key, Subkey } from '../openpgp.ts';
import { TrustError } from '../trust-error.ts';
import { type Fingerprint, isFingerprint } from './fingerprint.ts';
import type { OpenpgpKey } from './key.ts';
import type { DetachedSignature } from './signature.ts';

/** The key that a signature names, and the part of it (primary key or subkey) that signed. */
export interface SigningKey {
  readonly owner: OpenpgpKey;
  readonly part: Key | Subkey;
  readonly fingerprint: Fingerprint;
}

/**
 * Finds who made a signature among `keys`: by issuer fingerprint, or by key ID where a signature names no fingerprint and
 * one key only has that ID. Whether the signature is good is another question.
 */
export function findSigningKey(
  keys: readonly OpenpgpKey[],
  { issuer }: Pick<DetachedSignature, 'issuer'>,
): SigningKey {
  const parts = keys.flatMap(signingKeys);
  const { fingerprint, keyId } = issuer;
  const found = parts.filter((part) =>
    fingerprint === undefined ? part.part.getKeyID().toHex() === keyId : part.fingerprint === fingerprint,
  );
  const [first] = found;
  if (first === undefined)
    throw new TrustError(
      'ERR_KEY_UNKNOWN',
      `signature by key ${fingerprint ?? keyId}: no such key is trusted`,
    );
  if (found.some((other) => other.fingerprint !== first.fingerprint))
    throw new TrustError(
      'ERR_KEY_AMBIGUOUS',
      `signature by key ID ${keyId}: several trusted keys have this ID, and it names no fingerprint`,
    );
  return first;
}

function signingKeys(owner: OpenpgpKey): readonly SigningKey[] {
  return owner.key.getKeys().flatMap((part) => {
    const fingerprint = part.getFingerprint();
    return isFingerprint(fingerprint) ? [{ owner, part, fingerprint }] : [];
  });
}
