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
import { readImage, type StoredImage } from './image.ts';
import type { Store } from './layout.ts';

/** What is kept of a URL: which image it gave, and how to ask whether it would give another one now. */
export type RemoteRecord = Infer<typeof remoteRecord>;

const remoteRecord = object({
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
    return record.url === url.href && image.record.blob === record.blob ? { record, image } : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return undefined;
    throw error;
  }
}

export function keepRemote(store: Store, record: RemoteRecord): void {
  mkdirSync(join(store.path, 'remote'), { recursive: true, mode: 0o700 });
  replaceFile(remoteFile(store, new URL(record.url)), `${formatJson(record, 2)}\n`);
}

/** A URL has slashes and no length limit: its hash is a file name. It may hold credentials, so only its owner reads it. */
function remoteFile(store: Store, url: URL): string {
  return join(store.path, 'remote', `${createHash('sha256').update(url.href).digest('hex')}.json`);
}
