import {
  anything,
  array,
  defaulted,
  type Infer,
  matching,
  object,
  oneOf,
  optional,
  record,
  string,
} from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { type Digest, digestAlgorithm, digestHex } from '../../schema/digest.ts';
import { decodeJson } from '../../schema/json.ts';
import { base64 } from '../base64.ts';
import { TrustError } from '../trust-error.ts';
import type { CosignKey } from './key.ts';
import { refuseOtherEntry } from './rekor-entry.ts';
import { noSigner } from './signature.ts';
import { signerAmong } from './signer.ts';

export const SIGSTORE_BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const COSIGN_PREDICATE_TYPE = 'https://sigstore.dev/cosign/sign/v1';
const IN_TOTO_TYPE = 'application/vnd.in-toto+json';

/** sigstore/protobuf-specs sigstore_bundle.proto, as JSON; what a key pair needs of it. */
const bundle = object({
  mediaType: matching(
    /^application\/vnd\.dev\.sigstore\.bundle(\.v0\.3\+json|\+json;version=0\.3)$/,
    'a sigstore bundle v0.3',
  ),
  verificationMaterial: object({
    certificate: optional(anything),
    x509CertificateChain: optional(anything),
    tlogEntries: defaulted(array(object({ canonicalizedBody: base64 })), []),
  }),
  dsseEnvelope: object({
    payload: base64,
    payloadType: oneOf(IN_TOTO_TYPE),
    signatures: array(object({ sig: base64 })),
  }),
});

/** What any in-toto Statement says of itself, whatever it predicates; cosign writes v0.1 for attestations. */
const anyStatement = object({
  _type: matching(/^https:\/\/in-toto\.io\/Statement\/v(0\.1|1)$/, 'an in-toto statement'),
  subject: array(object({ digest: record(string) })),
  predicateType: matching(/^[!-~]{1,512}$/, 'the type of a predicate'),
});
export type BundledStatement = Infer<typeof anyStatement>;

/** in-toto Statement v1. Only cosign's own predicate is a signature: an SBOM about an image does not vouch for it. */
const statement = object({
  _type: oneOf('https://in-toto.io/Statement/v1'),
  subject: array(object({ digest: record(string) })),
  predicateType: oneOf(COSIGN_PREDICATE_TYPE),
});

/**
 * Verifies a sigstore bundle v0.3 that one of `keys` signed for one of `digests`; answers the key. The format names no
 * repository and no tag: the key has to be trusted for the image's name in particular.
 */
export function verifySigstoreBundle<K extends CosignKey>(
  bytes: Uint8Array,
  keys: readonly K[],
  digests: readonly Digest[],
): K {
  const { verificationMaterial, dsseEnvelope } = decode(bytes, bundle, 'sigstore bundle');
  const { certificate, x509CertificateChain, tlogEntries } = verificationMaterial;
  if (certificate !== undefined || x509CertificateChain !== undefined)
    throw new TrustError(
      'ERR_SIGNATURE_UNSUPPORTED',
      'sigstore bundle: signed with a certificate, not with a key',
    );
  const [only, ...others] = dsseEnvelope.signatures;
  if (only === undefined || others.length > 0)
    throw new TrustError('ERR_SIGNATURE_FORMAT', 'sigstore bundle: expected exactly one signature');
  const key = signerAmong(keys, preAuthenticationEncoding(dsseEnvelope), only.sig);
  if (key === undefined) throw noSigner(keys);
  const signed = { payload: dsseEnvelope.payload, signature: only.sig, key };
  for (const { canonicalizedBody } of tlogEntries) refuseOtherEntry(canonicalizedBody, signed);
  refuseOtherSubject(decode(dsseEnvelope.payload, statement, 'signed statement'), digests, key);
  return key;
}

/** What a bundle states, whoever signed it: to be believed only after `verifySigstoreBundle`. Throws TrustError. */
export function bundledStatement(bytes: Uint8Array): BundledStatement {
  const { dsseEnvelope } = decode(bytes, bundle, 'sigstore bundle');
  return decode(dsseEnvelope.payload, anyStatement, 'signed statement');
}

/** Whether a statement names what has this digest as its subject. */
export function isSubject({ subject }: Pick<BundledStatement, 'subject'>, wanted: Digest): boolean {
  return subject.some(({ digest }) => digest[digestAlgorithm(wanted)] === digestHex(wanted));
}

/** DSSE v1 PAE: type and payload with their lengths, so that neither can be read as part of the other. */
export function preAuthenticationEncoding(envelope: {
  readonly payloadType: string;
  readonly payload: Uint8Array;
}): Buffer {
  const { payloadType, payload } = envelope;
  const header = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(header), payload]);
}

function refuseOtherSubject(
  stated: Infer<typeof statement>,
  digests: readonly Digest[],
  { fingerprint }: CosignKey,
): void {
  if (!digests.some((digest) => isSubject(stated, digest)))
    throw new TrustError('ERR_SIGNATURE_DIGEST', `signature by key ${fingerprint}: for another image`);
}

function decode<T>(bytes: Uint8Array, decoder: (value: unknown) => T, what: string): T {
  try {
    return decodeJson(bytes, decoder, { what, maxBytes: 1024 * 1024, maxDepth: 32 });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TrustError('ERR_SIGNATURE_FORMAT', `read ${error.message}`);
  }
}
