import { type Decoder, matching } from './decode.ts';
import { type Digest, digest } from './digest.ts';

/**
 * An image ID. Of an appc image: `sha512-` and the SHA-512 of its uncompressed tar; of an OCI image: `sha256-` and the digest of its
 * manifest (a manifest named by SHA-512 gives the first form).
 */
export type ImageId = string & { readonly __brand: 'ImageId' };

/** What a user may give to name a stored image by ID: its beginning, with two hex digits at least. */
export type ImageIdPrefix = string & { readonly __brand: 'ImageIdPrefix' };

export const imageId: Decoder<ImageId> = matching(
  /^(?:sha512-[0-9a-f]{128}|sha256-[0-9a-f]{64})$/,
  'an image ID (sha512- and 128, or sha256- and 64 lower-case hex digits)',
);

export const imageIdPrefix: Decoder<ImageIdPrefix> = matching(
  /^(?:sha512-[0-9a-f]{2,128}|sha256-[0-9a-f]{2,64})$/,
  'an image ID or its beginning (sha512- or sha256- and at least 2 lower-case hex digits)',
);

/** The image ID of a tar whose SHA-512 is `hex`. */
export function makeImageId(hex: string): ImageId {
  return imageId(`sha512-${hex}`);
}

/** The image ID of an OCI image whose manifest has this digest. */
export function imageIdOf(manifest: Digest): ImageId {
  return imageId(manifest.replace(':', '-'));
}

/** The digest that an image ID is. */
export function imageIdDigest(id: ImageId): Digest {
  return digest(id.replace('-', ':'));
}

/** The ID as lists show it: the algorithm and `digits` (12) hex digits. */
export function shortImageId(id: ImageId, digits = 12): ImageIdPrefix {
  return imageIdPrefix(id.slice(0, id.indexOf('-') + 1 + digits));
}
