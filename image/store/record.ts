import { acIdentifier } from '../../schema/ac-identifier.ts';
import {
  anything,
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
import { digest } from '../../schema/digest.ts';
import { labels } from '../../schema/label.ts';
import { rfc3339 } from '../../schema/rfc3339.ts';
import { compressions } from '../compression.ts';

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

/** `record.json` beside an image's manifest: where it came from, and what is kept of it. */
export type ImageRecord = Infer<typeof imageRecord>;

export const imageRecord = object({
  /** The ACI as it was served. */
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
});

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
