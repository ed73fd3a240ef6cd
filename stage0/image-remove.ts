import { findStoredImage } from '../image/fetch.ts';
import type { Store } from '../image/store/layout.ts';
import { findImageId, LookupError } from '../image/store/lookup.ts';
import { removeImage } from '../image/store/remove.ts';
import { type ImageId, imageIdPrefix } from '../schema/image-id.ts';
import { hostPlatform } from './prepare/platform.ts';

/** Removes the image that a name or the beginning of an ID means. A broken image is removed by its ID. */
export function removeStoredImage(store: Store, text: string): ImageId {
  const isId = /^sha(?:512-|256[-:])[0-9a-f]{2,}$/.test(text);
  const id = isId
    ? findImageId(store, imageIdPrefix(text.replace(':', '-')))
    : findStoredImage(store, text, hostPlatform()).id;
  if (removeImage(store, id)) return id;
  throw new LookupError('ERR_IMAGE_NOT_FOUND', `image ${text}: not in the store`);
}
