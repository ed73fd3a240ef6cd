import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { TrustError } from '../trust-error.ts';

/** A public key that signs OCI images the way cosign does. */
export interface CosignKey {
  /** SHA-256 of the key's SubjectPublicKeyInfo (DER), lower-case hex: what a threshold counts and files are named by. */
  readonly fingerprint: string;
  /** `ecdsa-p256`, `ecdsa-p384`, `ecdsa-p521`, `ed25519`, `rsa4096` … */
  readonly algorithm: string;
  readonly key: KeyObject;
  readonly pem: string;
}

const curves: Readonly<Record<string, string>> = {
  prime256v1: 'ecdsa-p256',
  secp384r1: 'ecdsa-p384',
  secp521r1: 'ecdsa-p521',
};

/** Reads a PEM public key (`-----BEGIN PUBLIC KEY-----`). `what` names the file in errors. */
export function parseCosignKey(bytes: Uint8Array, what: string): CosignKey {
  const refuse = (code: 'ERR_KEY_FORMAT' | 'ERR_KEY_PRIVATE' | 'ERR_KEY_WEAK', why: string) =>
    new TrustError(code, `read ${what}: ${why}`);
  const pem = Buffer.from(bytes).toString('latin1');
  if (pem.length > 16 * 1024) throw refuse('ERR_KEY_FORMAT', 'larger than 16 KiB');
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(pem))
    throw refuse('ERR_KEY_PRIVATE', 'it is a private key');
  const blocks = pem.match(/^-----BEGIN PUBLIC KEY-----$/gm)?.length ?? 0;
  if (blocks !== 1) throw refuse('ERR_KEY_FORMAT', 'expected one PEM public key');
  const key = publicKey(pem);
  if (key === undefined) throw refuse('ERR_KEY_FORMAT', 'not a PEM public key');
  const algorithm = algorithmOf(key);
  if (algorithm === undefined)
    throw refuse(
      'ERR_KEY_WEAK',
      'expected an ECDSA P-256, P-384 or P-521, Ed25519 or RSA key of 2048 bits or more',
    );
  const der = key.export({ type: 'spki', format: 'der' });
  return { fingerprint: createHash('sha256').update(der).digest('hex'), algorithm, key, pem };
}

function publicKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: pem, format: 'pem' });
  } catch {
    return undefined;
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'ed25519') return 'ed25519';
  if (asymmetricKeyType === 'ec') return curves[asymmetricKeyDetails?.namedCurve ?? ''];
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  return asymmetricKeyType === 'rsa' && bits >= 2048 ? `rsa${bits}` : undefined;
}
