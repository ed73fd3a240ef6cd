import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import { type Infer, integer, object, optional, string } from '../../schema/decode.ts';
import { digest } from '../../schema/digest.ts';
import { formatJson } from '../../schema/format-json.ts';
import { imageId } from '../../schema/image-id.ts';
import { decodeJson } from '../../schema/json.ts';
import { rfc3339 } from '../../schema/rfc3339.ts';
import type { CacheValidators } from '../http/cache.ts';
import { printableUrl } from '../http/url.ts';
import { readImage, type StoredImage } from './image.ts';
import type { Store } from './layout.ts';

/** What is kept of a URL: which image it gave, and how to ask whether it would give another one now. */
export type RemoteRecord = Infer<typeof remoteRecord>;

const remoteRecord = object({
  /** As it may be printed; older records have it whole. */
  url: string,
  image: imageId,
  /** The file it gave. */
  blob: digest,
  etag: optional(string),
  lastModified: optional(string),
  /** Seconds for which the answer holds. */
  maxAge: integer(0),
  /** When the server was last asked. */
  asked: rfc3339,
});

export interface RemoteImage {
  readonly record: RemoteRecord;
  readonly image: StoredImage;
}

/** The image that a URL gave, while the store has that very file; undefined otherwise, also if what was kept is damaged. */
export function findRemote(store: Store, url: URL): RemoteImage | undefined {
  try {
    const path = remoteFile(store, url);
    const record = decodeJson(readFileSync(path), remoteRecord, { what: path });
    const image = readImage(store, record.image);
    return image.record.blob === record.blob ? { record, image } : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return undefined;
    throw error;
  }
}

/** Remembers what a URL gave; of the URL itself, whose user information and query may be secret, only what may be printed. */
export function keepRemote(store: Store, url: URL, record: Omit<RemoteRecord, 'url'>): void {
  mkdirSync(join(store.path, 'remote'), { recursive: true, mode: 0o700 });
  replaceFile(remoteFile(store, url), `${formatJson({ url: printableUrl(url), ...record }, 2)}\n`);
}

/** What came with the file, to ask whether it changed. */
export function validatorsOf({ etag, lastModified, maxAge }: RemoteRecord): CacheValidators {
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    maxAge,
  };
}

/** A URL has slashes and no length limit: its hash is a file name. */
function remoteFile(store: Store, url: URL): string {
  return join(store.path, 'remote', `${createHash('sha256').update(url.href).digest('hex')}.json`);
}
