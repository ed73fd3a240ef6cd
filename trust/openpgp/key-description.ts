import { loadOpenpgp } from '../openpgp.ts';
import { printable } from '../printable.ts';
import { type Fingerprint, isFingerprint } from './fingerprint.ts';
import type { OpenpgpKey } from './key.ts';

/** What people are shown of a key, safe to print. */
export interface KeyDescription {
  readonly fingerprint: Fingerprint;
  readonly subkeys: readonly Fingerprint[];
  /** User IDs the key itself certifies. */
  readonly identities: readonly string[];
  /** `ed25519`, `rsa4096`, `ecdsa-nistP256` … */
  readonly algorithm: string;
  readonly created: Date;
  readonly expires?: Date;
  /** Whether it may sign images today; `unusable` covers weak algorithms and missing signing flags. */
  readonly state: 'good' | 'expired' | 'revoked' | 'unusable';
}

/** Describes a key as of `now`. */
export async function describeKey(
  { key, fingerprint }: OpenpgpKey,
  now = new Date(),
): Promise<KeyDescription> {
  const expires = await key.getExpirationTime();
  return {
    fingerprint,
    subkeys: key.subkeys.map((subkey) => subkey.getFingerprint()).filter(isFingerprint),
    identities: await identities({ key, now }),
    algorithm: algorithmName(key.getAlgorithmInfo()),
    created: key.getCreationTime(),
    ...(expires instanceof Date ? { expires } : {}),
    state: await keyState({ key, now }),
  };
}

interface KeyAt {
  readonly key: OpenpgpKey['key'];
  readonly now: Date;
}

async function identities({ key, now }: KeyAt): Promise<readonly string[]> {
  const certified = await Promise.all(
    key.users.map(async (user) => {
      const isCertified = await user.verify(now).catch(() => false);
      return isCertified && user.userID !== null ? [printable(user.userID.userID)] : [];
    }),
  );
  return certified.flat();
}

async function keyState({ key, now }: KeyAt): Promise<KeyDescription['state']> {
  const { config } = await loadOpenpgp();
  if (await key.isRevoked(undefined, undefined, now, config)) return 'revoked';
  try {
    await key.getSigningKey(undefined, now, undefined, config);
    return 'good';
  } catch {
    const expires = await key.getExpirationTime(undefined, config);
    return expires instanceof Date && expires <= now ? 'expired' : 'unusable';
  }
}

function algorithmName({
  algorithm,
  bits,
  curve,
}: ReturnType<OpenpgpKey['key']['getAlgorithmInfo']>): string {
  if (algorithm.startsWith('rsa')) return `rsa${bits}`;
  if (algorithm === 'eddsaLegacy') return 'ed25519';
  if (curve !== undefined) return `${algorithm}-${curve}`;
  return bits === undefined ? algorithm : `${algorithm}${bits}`;
}
