import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageId } from '../../schema/image-id.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { decodeJson } from '../../schema/json.ts';
import { parseManifest } from '../aci.ts';
import { imageDirectory, type Store } from './layout.ts';
import { type ImageRecord, imageRecord } from './record.ts';

export interface StoredImage {
  readonly id: ImageId;
  readonly manifest: ImageManifest;
  /** The manifest as it stands in the image. */
  readonly manifestBytes: Buffer;
  readonly record: ImageRecord;
  /** The modification time of `record.json`, in milliseconds since 1970. */
  readonly lastUsed: number;
}

export const MANIFEST = 'manifest';
export const RECORD = 'record.json';

/** Reads an image's manifest and record; ENOENT when the store does not have it, a DecodeError when they are broken. */
export function readImage(store: Store, id: ImageId): StoredImage {
  const directory = imageDirectory(store, id);
  const recordFile = join(directory, RECORD);
  const record = decodeJson(readFileSync(recordFile), imageRecord, { what: recordFile });
  const manifestBytes = readFileSync(join(directory, MANIFEST));
  const lastUsed = statSync(recordFile).mtimeMs;
  return { id, manifest: parseManifest(manifestBytes), manifestBytes, record, lastUsed };
}
