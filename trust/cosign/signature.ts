import { integer, object, string } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { decodeJson } from '../../schema/json.ts';
import { base64 } from '../base64.ts';
import { decodeClaim, type SignedClaim } from '../oci/simple-signing.ts';
import { TrustError } from '../trust-error.ts';
import type { CosignKey } from './key.ts';
import { refuseOtherEntry } from './rekor-entry.ts';
import { signerAmong } from './signer.ts';

/** One layer of a `sha256-<hex>.sig` image: the payload blob, and what its descriptor's annotations hold. */
export interface CosignSignature {
  readonly payload: Uint8Array;
  /** `dev.cosignproject.cosign/signature`, decoded. */
  readonly signature: Uint8Array;
  /** `dev.sigstore.cosign/bundle`: JSON of a Rekor entry. */
  readonly bundle?: string;
}

export const COSIGN_PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const COSIGN_SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';
export const COSIGN_BUNDLE_ANNOTATION = 'dev.sigstore.cosign/bundle';

/** A good cosign signature: whose, and what it claims. */
export interface CosignResult<K extends CosignKey> {
  readonly key: K;
  readonly claim: SignedClaim;
}

/** Verifies a signature of the legacy format by one of `keys`; throws a TrustError with the reason for refusing it. */
export function verifyCosign<K extends CosignKey>(
  { payload, signature, bundle }: CosignSignature,
  keys: readonly K[],
): CosignResult<K> {
  const key = signerAmong(keys, payload, signature);
  if (key === undefined) throw noSigner(keys);
  if (bundle !== undefined) refuseOtherEntry(bundleBody(bundle), { payload, signature, key });
  return { key, claim: decodeClaim(payload, 'cosign container image signature') };
}

/** Without a name in the signature, "unknown key" and "altered" look the same. */
export function noSigner(keys: readonly CosignKey[]): TrustError {
  if (keys.length === 0)
    return new TrustError('ERR_KEY_UNKNOWN', 'cosign signature: no cosign key is trusted for this image');
  const tried = keys.map(({ fingerprint }) => fingerprint).join(', ');
  return new TrustError('ERR_SIGNATURE_MISMATCH', `cosign signature: not by any trusted key (${tried})`);
}

const rekorBundle = object({
  SignedEntryTimestamp: base64,
  Payload: object({ body: base64, integratedTime: integer(), logIndex: integer(), logID: string }),
});

function bundleBody(bundle: string): Uint8Array {
  try {
    return decodeJson(bundle, rekorBundle, { what: 'Rekor bundle', maxBytes: 1024 * 1024 }).Payload.body;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TrustError('ERR_SIGNATURE_BUNDLE', `read ${error.message}`);
  }
}
