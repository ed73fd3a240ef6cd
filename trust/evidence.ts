import { type Infer, object, oneOf, optional, parsed, record, string, union } from '../schema/decode.ts';
import { base64 } from './base64.ts';
import type { BlobHasher } from './openpgp/blob-hasher.ts';
import type { DetachedSignature } from './openpgp/signature.ts';

/** A point in time as `Date.toISOString` writes it. */
export const timestamp = parsed((text) => {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString() === text ? date : undefined;
}, 'a time such as "2026-01-01T00:00:00.000Z"');

const firstSeen = timestamp;

/**
 * One signature of an image, with all that is needed to judge it again another day without the image. `firstSeen` is our
 * receipt: when we first held it.
 */
export const evidence = union('type', {
  /** A detached OpenPGP signature, and the digest it was made over (data, hashed part and trailer), hashed by us. */
  openpgp: object({ type: oneOf('openpgp'), signature: base64, digest: base64, firstSeen }),
  /** A containers "simple signing" message. */
  'simple-signing': object({ type: oneOf('simple-signing'), message: base64, firstSeen }),
  /** One layer of a cosign `.sig` image. */
  cosign: object({
    type: oneOf('cosign'),
    payload: base64,
    signature: base64,
    bundle: optional(string),
    /** What else the layer says of the signature (certificate, chain, timestamp): not judged, but passed on with it. */
    annotations: optional(record(string)),
    firstSeen,
  }),
  /** A sigstore bundle v0.3. */
  'sigstore-bundle': object({ type: oneOf('sigstore-bundle'), bundle: base64, firstSeen }),
});
export type Evidence = Infer<typeof evidence>;

/** The evidence that detached signatures are, once the blob has gone through `hasher`, which was made for them. */
export function openpgpEvidence(
  signatures: readonly DetachedSignature[],
  hasher: BlobHasher,
  firstSeen: Date,
): readonly Evidence[] {
  const digests = hasher.signatureDigests();
  return signatures.map(({ bytes }, index) => ({
    type: 'openpgp',
    signature: Buffer.from(bytes),
    digest: digests[index] ?? Buffer.alloc(0),
    firstSeen,
  }));
}

/** The same evidence, but with the time of the first receipt where `earlier` holds the same signature. */
export function withReceipts(all: readonly Evidence[], earlier: readonly Evidence[]): readonly Evidence[] {
  const seen = new Map(earlier.map((each) => [contentOf(each), each.firstSeen]));
  return all.map((each) => {
    const before = seen.get(contentOf(each));
    return before !== undefined && before < each.firstSeen ? { ...each, firstSeen: before } : each;
  });
}

function contentOf({ firstSeen: _, ...content }: Evidence): string {
  return JSON.stringify(content);
}
