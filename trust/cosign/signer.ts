import { type KeyObject, verify } from 'node:crypto';
import type { CosignKey } from './key.ts';

/** The one of `keys` that made `signature` over `data`; undefined if none did. These formats do not name their key reliably. */
export function signerAmong<K extends CosignKey>(
  keys: readonly K[],
  data: Uint8Array,
  signature: Uint8Array,
): K | undefined {
  return keys.find(({ key }) => isSignedBy(key, data, signature));
}

function isSignedBy(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  return hashesFor(key).some((hash) => verify(hash, data, key, signature));
}

/**
 * Ed25519 signs the data itself; RSA is PKCS#1 v1.5 over SHA-256; ECDSA is DER over SHA-256 whatever the curve, as cosign
 * up to version 2 signs, or over the hash as long as the curve, as version 3 does.
 */
function hashesFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly (string | null)[] {
  if (asymmetricKeyType === 'ed25519') return [null];
  if (asymmetricKeyDetails?.namedCurve === 'secp384r1') return ['sha256', 'sha384'];
  if (asymmetricKeyDetails?.namedCurve === 'secp521r1') return ['sha256', 'sha512'];
  return ['sha256'];
}
