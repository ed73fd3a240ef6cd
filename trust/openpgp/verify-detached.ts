import { TrustError } from '../trust-error.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { OpenpgpKey } from './key.ts';
import { refusal, refuseUnusableKey } from './refusal.ts';
import type { DetachedSignature } from './signature.ts';
import { findSigningKey, type SigningKey } from './signing-key.ts';
import { verifyByDigest, verifyByStream } from './verify-packet.ts';

/** A signature that is good. */
export interface GoodSignature {
  /** The primary key's: what a threshold counts. */
  readonly key: Fingerprint;
  /** The primary key or the subkey that signed. */
  readonly signer: Fingerprint;
  readonly created: Date;
}

/** When a signature is looked at. */
export interface Moment {
  readonly now: Date;
  /** When we first saw this very signature; a key that has expired or been retired since then does not spoil it. */
  readonly firstSeen?: Date;
}

/** What was signed: its digest as `signatureHasher` made it, and the bytes once more, in case the library wants them. */
export interface SignedData {
  readonly digest: Uint8Array;
  readonly reopen?: () => AsyncIterable<Uint8Array>;
}

/**
 * Verifies one detached signature by one of `keys`, or throws a TrustError with the reason it is refused for.
 * The key must be good today, or have been good when we first saw the signature (`firstSeen`); a date inside the
 * signature alone proves nothing, for whoever stole an expired key can write any date.
 */
export async function verifyDetached(
  signature: DetachedSignature,
  data: SignedData,
  keys: readonly OpenpgpKey[],
  moment: Moment,
): Promise<GoodSignature> {
  const found = identifySigner(signature, keys, moment);
  try {
    const question = { signature: signature.bytes, key: found.owner.key, now: moment.now };
    if (!(await verifyByDigest(question, data.digest))) await verifyByStream(question, data.reopen);
    await refuseUnusableKey(found, { ...moment, created: signature.created });
  } catch (error) {
    throw refusal(found.fingerprint, error);
  }
  return { key: found.owner.fingerprint, signer: found.fingerprint, created: signature.created };
}

/**
 * What can be said before the data is there: finds the key and refuses text signatures, weak digests and dates in the
 * future. Ask it before a large download.
 */
export function identifySigner(
  signature: DetachedSignature,
  keys: readonly OpenpgpKey[],
  { now }: Moment,
): SigningKey {
  const found = findSigningKey(keys, signature);
  const by = `signature by key ${found.fingerprint}`;
  if (signature.type !== 0x00)
    throw new TrustError(
      'ERR_SIGNATURE_TYPE',
      `${by}: of type 0x${signature.type.toString(16).padStart(2, '0')}, and only 0x00 (binary) signs bytes as they are`,
    );
  if (!isStrongHash(signature.hash))
    throw new TrustError('ERR_SIGNATURE_HASH', `${by}: its hash algorithm ${signature.hash} is too weak`);
  if (signature.created > now)
    throw new TrustError('ERR_SIGNATURE_FUTURE', `${by}: made in the future, on ${day(signature.created)}`);
  return found;
}

/** The digests accepted for signatures, by node:crypto's names (RFC 9580 §9.5). */
export function isStrongHash(name: string): boolean {
  return ['sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512'].includes(name);
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
