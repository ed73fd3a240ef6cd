import { type Decoder, matching } from './decode.ts';

/** An appc image ID: `sha512-` and the 128 lower-case hex digits of the uncompressed tar's SHA-512. */
export type ImageId = string & { readonly __brand: 'ImageId' };

/** What a user may give to name a stored image by ID: `sha512-` and 2 to 128 hex digits of it. */
export type ImageIdPrefix = string & { readonly __brand: 'ImageIdPrefix' };

export const imageId: Decoder<ImageId> = matching(
  /^sha512-[0-9a-f]{128}$/,
  'an image ID (sha512- and 128 lower-case hex digits)',
);

export const imageIdPrefix: Decoder<ImageIdPrefix> = matching(
  /^sha512-[0-9a-f]{2,128}$/,
  'an image ID or its beginning (sha512- and at least 2 lower-case hex digits)',
);

/** The image ID of a tar whose SHA-512 is `hex`. */
export function makeImageId(hex: string): ImageId {
  return imageId(`sha512-${hex}`);
}

/** The ID as lists show it: `sha512-` and 12 hex digits. */
export function shortImageId(id: ImageId): ImageIdPrefix {
  return imageIdPrefix(id.slice(0, 'sha512-'.length + 12));
}
