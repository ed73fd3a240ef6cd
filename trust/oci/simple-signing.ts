import { integer, nullable, object, oneOf, optional, parsed, string } from '../../schema/decode.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import { type Digest, digest } from '../../schema/digest.ts';
import { decodeJson } from '../../schema/json.ts';
import { TrustError } from '../trust-error.ts';
import { type DockerReference, formatDockerReference, parseDockerReference } from './docker-reference.ts';
import { type IdentityMatch, isIdentityAccepted } from './identity-match.ts';

/** The payload of a containers "simple signing" signature, and of a legacy cosign one, which borrows the format. */
export type PayloadType = 'atomic container signature' | 'cosign container image signature';

/** What a payload says. */
export interface SignedClaim {
  readonly digest: Digest;
  readonly reference: DockerReference;
  /** When the signer says it was made; nothing proves it. */
  readonly timestamp?: Date;
}

/** An OCI image that was asked for: by which reference, and the digests that may be signed (manifest, and its index). */
export interface RequestedImage {
  readonly reference: DockerReference;
  readonly digests: readonly Digest[];
}

const strict = { unknown: 'reject' } as const;

/** containers/image docs/atomic-signature.md: nothing unknown may be in `critical`, anything may be in `optional`. */
const payload = (type: PayloadType) =>
  object(
    {
      critical: object(
        {
          type: oneOf(type),
          image: object({ 'docker-manifest-digest': digest }, strict),
          identity: object(
            { 'docker-reference': parsed(parseDockerReference, 'a Docker reference') },
            strict,
          ),
        },
        strict,
      ),
      optional: nullable(object({ creator: optional(string), timestamp: optional(integer(0)) })),
    },
    strict,
  );

/** Decodes a payload. What it says is to be believed only of bytes whose signature is good. */
export function decodeClaim(bytes: Uint8Array, type: PayloadType): SignedClaim {
  try {
    const { critical, optional } = decodeJson(bytes, payload(type), {
      what: 'payload',
      maxBytes: 64 * 1024,
      maxDepth: 16,
    });
    const seconds = optional?.timestamp;
    return {
      digest: critical.image['docker-manifest-digest'],
      reference: critical.identity['docker-reference'],
      ...(seconds === undefined ? {} : { timestamp: new Date(seconds * 1000) }),
    };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new TrustError('ERR_SIGNATURE_FORMAT', `read signed ${error.message}`);
  }
}

/** Throws unless the claim is about the image that was asked for, by a name that `match` accepts for the requested one. */
export function refuseOtherImage(claim: SignedClaim, image: RequestedImage, match: IdentityMatch): void {
  if (!image.digests.includes(claim.digest))
    throw new TrustError('ERR_SIGNATURE_DIGEST', `signature is for ${claim.digest}, not for this image`);
  if (isIdentityAccepted(match, image.reference, claim.reference)) return;
  const [signed, requested] = [claim.reference, image.reference].map(formatDockerReference);
  throw new TrustError(
    'ERR_SIGNATURE_IDENTITY',
    `signature is for ${signed}, which does not stand for ${requested} (${match.type})`,
  );
}
