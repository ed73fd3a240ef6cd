import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../../../linux/durable-file.ts';
import { lock } from '../../../linux/lock.ts';
import { hasCode } from '../../../linux/system-error.ts';
import type { Digest } from '../../../schema/digest.ts';
import type { ImageId } from '../../../schema/image-id.ts';
import { readImage } from '../image.ts';
import { blobFile, imageDirectory, layerDirectory, layersDirectory, type Store } from '../layout.ts';
import { listImages } from '../lookup.ts';
import { replaceRecord } from '../publish.ts';
import { type ImageRecord, preferredRecord } from '../record.ts';
import { markUnsynced } from '../unsynced.ts';
import type { LayerId } from './layer-id.ts';

/** Complete parts of an OCI image, to be renamed into place. */
export interface OciImageParts {
  /** Blobs the store may lack, and where they are. */
  readonly blobs: readonly { readonly digest: Digest; readonly path: string }[];
  /** Layers the store lacks, and their directories in `cas/tmp`. */
  readonly layers: readonly { readonly id: LayerId; readonly path: string }[];
  /** The directory with manifest and record. */
  readonly image: string;
  /** A directory in `cas/tmp` to write in. */
  readonly scratch: string;
}

/**
 * Puts an OCI image into the store: blobs, layers, and last what makes it visible. Killed at any step, it leaves a store in
 * which every visible image is complete. Of an image that is there already the better record stays.
 */
export function publishOci(store: Store, id: ImageId, record: ImageRecord, parts: OciImageParts): void {
  const [blobs, layers] = [parts.blobs.map(({ digest }) => digest), parts.layers.map(({ id }) => id)];
  markUnsynced(store, { image: id, blobs, layers });
  using _exclusive = lock(store.path, 'exclusive');
  for (const { digest, path } of parts.blobs) moveIfThere(() => moveBlob(store, digest, path));
  for (const { id, path } of parts.layers) moveLayer(store, id, path);
  for (const reference of record.oci?.references ?? []) takeReference(store, id, reference, parts.scratch);
  const known = readRecord(store, id);
  if (known !== undefined) {
    replaceRecord(store, id, preferredOci(known, record), parts.scratch);
    return;
  }
  rmSync(imageDirectory(store, id), { recursive: true, force: true });
  renameSync(parts.image, imageDirectory(store, id));
}

/** Gives a complete and synchronized layer its name. */
export function publishLayer(store: Store, id: LayerId, path: string): void {
  moveLayer(store, id, path);
  syncDirectory(layersDirectory(store));
}

/** One that is there already is the same. */
function moveLayer(store: Store, id: LayerId, path: string): void {
  try {
    renameSync(path, layerDirectory(store, id));
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

function moveBlob(store: Store, digest: Digest, path: string): void {
  mkdirSync(dirname(blobFile(store, digest)), { recursive: true, mode: 0o700 });
  renameSync(path, blobFile(store, digest));
}

/** Somebody who fetches another image with the same blob may have published it before us. */
function moveIfThere(move: () => void): void {
  try {
    move();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** Which layers are unpacked how is known better by who just did it. */
function preferredOci(known: ImageRecord, fresh: ImageRecord): ImageRecord {
  if (fresh.oci === undefined) return known;
  const references = new Set([...(known.oci?.references ?? []), ...fresh.oci.references]);
  return { ...preferredRecord(known, fresh), oci: { ...fresh.oci, references: [...references] } };
}

/** A tag that moved means one image, the one it was last fetched as. */
function takeReference(store: Store, id: ImageId, reference: string, scratch: string): void {
  for (const { id: other, record } of listImages(store).images) {
    if (other === id || !record.oci?.references.includes(reference)) continue;
    const references = record.oci.references.filter((each) => each !== reference);
    replaceRecord(store, other, { ...record, oci: { ...record.oci, references } }, scratch);
  }
}

function readRecord(store: Store, id: ImageId): ImageRecord | undefined {
  try {
    return readImage(store, id).record;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return undefined;
    throw error;
  }
}
