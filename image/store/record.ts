import { acIdentifier } from '../../schema/ac-identifier.ts';
import {
  anything,
  array,
  boolean,
  type Decoder,
  type Infer,
  integer,
  object,
  oneOf,
  optional,
  record,
  refine,
  string,
} from '../../schema/decode.ts';
import { type Digest, digest } from '../../schema/digest.ts';
import { imageId } from '../../schema/image-id.ts';
import { labels } from '../../schema/label.ts';
import { mediaType } from '../../schema/oci/media-type.ts';
import { rfc3339 } from '../../schema/rfc3339.ts';
import { compressions } from '../compression.ts';
import { layerId } from './oci/layer-id.ts';

/** What was decided about an image before it was opened. Besides `status` it is whatever the decider wants to keep. */
export interface Verification {
  readonly status: 'verified' | 'unverified';
  readonly [detail: string]: unknown;
}

const status = object({ status: oneOf('verified', 'unverified') });

export const verification: Decoder<Verification> = refine(record(anything), (details, at) => ({
  ...details,
  ...status(details, at),
}));

const ociLayer = object({
  digest,
  mediaType,
  diffId: digest,
  /** What it is unpacked as. */
  layer: layerId,
});

/** What an OCI image consists of beside its manifest; layers lowest first. */
const ociParts = object({
  mediaType,
  config: digest,
  layers: array(ociLayer),
  /** The indexes it was found through, outermost first. */
  indexes: array(digest),
  /** What it was asked for by: `docker.io/library/busybox:latest`. Any of them may mean another image by now, somewhere else. */
  references: array(string),
});
export type OciParts = Infer<typeof ociParts>;

/** `record.json` beside an image's manifest: where it came from, and what is kept of it. */
export type ImageRecord = Infer<typeof imageRecord>;

export const imageRecord = object({
  /** The ACI as it was served, or the manifest of an OCI image. */
  blob: digest,
  /** Of the blob, in bytes. */
  size: integer(0),
  compression: oneOf(...compressions),
  importTime: rfc3339,
  /** What the user asked for. */
  source: string,
  name: acIdentifier,
  labels,
  /** It came when its name was asked for without a version: then it is what the name alone means. */
  latest: optional(boolean),
  verification,
  /**
   * An appc image: what it depends on, directly or not, in the order in which it is laid below the image, and at which
   * distance.
   */
  dependencies: optional(array(object({ id: imageId, level: integer(1) }))),
  /** An OCI image: `blob` is its manifest, and `size` that of all its parts. */
  oci: optional(ociParts),
});

/** The blobs an image consists of. */
export function blobsOf({ blob, oci }: Pick<ImageRecord, 'blob' | 'oci'>): readonly Digest[] {
  return oci === undefined ? [blob] : [blob, oci.config, ...oci.layers.map(({ digest }) => digest)];
}

/**
 * The record to keep when the same image comes again. A verified image does not become an unverified one because somebody
 * fetched it without looking; and a signature is about one file, so the record that is kept brings its own.
 */
export function preferredRecord(known: ImageRecord, fresh: ImageRecord): ImageRecord {
  const latest = known.latest || fresh.latest ? { latest: true } : {};
  if (fresh.verification.status === 'verified') return { ...fresh, ...latest };
  if (known.verification.status === 'verified') return { ...known, ...latest };
  return { ...known, ...latest, source: fresh.source, verification: fresh.verification };
}
