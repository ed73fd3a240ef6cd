import { show } from '../../schema/decode-error.ts';

/** An image reference that cannot be read. */
export class ImageReferenceError extends Error {
  readonly code = 'ERR_IMAGE_REFERENCE';
  constructor(text: string, why: string) {
    super(`read image reference ${show(text)}: ${why}`);
    this.name = 'ImageReferenceError';
  }
}
