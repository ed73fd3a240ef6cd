import { loadOpenpgp } from '../openpgp.ts';
import { type TrustCode, TrustError } from '../trust-error.ts';
import type { DetachedSignature } from './signature.ts';
import type { SigningKey } from './signing-key.ts';

/** The library's sentences, and what each means here; the first that matches counts. */
const refusals: readonly (readonly [RegExp, TrustCode, string])[] = [
  [
    /Signed digest did not match|Signature verification failed/,
    'ERR_SIGNATURE_MISMATCH',
    'does not match the data',
  ],
  [
    /Insecure (message )?hash|Hash algorithm too weak/,
    'ERR_SIGNATURE_HASH',
    'its hash algorithm is too weak',
  ],
  [
    /^(Error verifying signed message: )?Signature creation time is in the future/,
    'ERR_SIGNATURE_FUTURE',
    'made in the future',
  ],
  [/one literal data packet/, 'ERR_SIGNATURE_FORMAT', 'not a signed message'],
  [
    /^(Error verifying signed message: )?Signature is expired/,
    'ERR_SIGNATURE_EXPIRED',
    'the signature has expired',
  ],
  [/Unknown critical/, 'ERR_SIGNATURE_UNSUPPORTED', 'it has a critical part that is not understood here'],
  [/is revoked/, 'ERR_KEY_REVOKED', 'the key is revoked'],
  [/is expired/, 'ERR_KEY_EXPIRED', 'the key has expired'],
  [/too weak|is disabled/, 'ERR_KEY_WEAK', 'the key is too weak (RSA needs 2048 bits, DSA is refused)'],
  [/Key is newer/, 'ERR_KEY_INVALID', 'it claims to be older than the key'],
  [/Could not find valid signing key packet in key [0-9a-f]+$/, 'ERR_KEY_USAGE', 'the key may not sign data'],
  [/key flags is set/, 'ERR_KEY_USAGE', 'the key does not say that it may sign data'],
];

/** The library's reason for refusing a signature by `key`, as one of ours: its own code, one sentence. */
export function refusal(key: string, error: unknown): TrustError {
  if (error instanceof TrustError) return error;
  const message = (error as Error).message;
  const known = refusals.find(([pattern]) => pattern.test(message));
  const [, code, reason] = known ?? ([undefined, 'ERR_KEY_INVALID', message] as const);
  return new TrustError(code, `signature by key ${key}: ${reason}`);
}

/**
 * Throws unless the key may sign data today, or might when the signature was first seen. What the library checked is the
 * day written in the signature.
 */
export async function refuseUnusableKey(
  { owner, part }: SigningKey,
  { now, firstSeen, created }: { readonly now: Date; readonly firstSeen?: Date; readonly created: Date },
): Promise<void> {
  const { config } = await loadOpenpgp();
  const check = (date: Date) => owner.key.getSigningKey(part.getKeyID(), date, undefined, config);
  try {
    await check(now);
  } catch (error) {
    const hasReceipt = firstSeen !== undefined && created <= firstSeen && firstSeen <= now;
    if (!hasReceipt || !(await isFulfilled(check(firstSeen)))) throw error;
  }
}

function isFulfilled(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

/** Throws if the key that a signature names was revoked here: the key store does not even look at it then. */
export function refuseRevokedSigner(
  { issuer: { fingerprint } }: Pick<DetachedSignature, 'issuer'>,
  revoked: ReadonlySet<string>,
): void {
  if (fingerprint === undefined || !revoked.has(fingerprint)) return;
  throw new TrustError('ERR_KEY_REVOKED', `signature by key ${fingerprint}: the key is revoked here`);
}
