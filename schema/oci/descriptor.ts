import { nonEmpty } from '../c-string.ts';
import { array, type Infer, integer, object, optional, record, string } from '../decode.ts';
import { digest } from '../digest.ts';
import { mediaType } from './media-type.ts';
import { platform } from './platform.ts';

/** A reference to content: its type, digest and size in bytes (image-spec, descriptor.md). */
export type Descriptor = Infer<typeof descriptor>;

/** Arbitrary metadata (image-spec, annotations.md). */
export const ociAnnotations = record(string, nonEmpty);

/** `data` is the content itself, in base64: whoever uses it checks it against the digest first. */
export const descriptor = object({
  mediaType,
  digest,
  size: integer(0),
  urls: optional(array(string)),
  annotations: optional(ociAnnotations),
  data: optional(string),
  artifactType: optional(mediaType),
  platform: optional(platform),
});
