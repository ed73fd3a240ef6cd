import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from '../../linux/lock.ts';
import { hasCode } from '../../linux/system-error.ts';
import { digestHex } from '../../schema/digest.ts';
import type { ImageId } from '../../schema/image-id.ts';
import { blobsDirectory, imageDirectory, type Store } from './layout.ts';
import { listImages } from './lookup.ts';
import { claimUnusedLayers } from './oci/in-use.ts';
import { blobsOf } from './record.ts';
import { makeTemporary } from './temporary.ts';

/** Removes an image, readable or not; its tree stays for the pods that use it. False when the store does not have it. */
export function removeImage(store: Store, id: ImageId): boolean {
  using temporary = makeTemporary(store, 'removed');
  using _exclusive = lock(store.path, 'exclusive');
  try {
    renameSync(imageDirectory(store, id), join(temporary.path, id));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  removeBlobs(store);
  return true;
}

/** Removes blobs that no image has: what `removeImage` or an import that was killed left. Gives how many. */
export function sweepBlobs(store: Store): number {
  using _exclusive = lock(store.path, 'exclusive');
  return removeBlobs(store);
}

/** A broken image may be the owner of any blob: while there is one, all stay. */
function removeBlobs(store: Store): number {
  const { images, broken } = listImages(store);
  if (broken.length > 0) return 0;
  // An import brings blobs of OCI images before any image has them.
  using unused = claimUnusedLayers(store);
  const owned = new Set(images.flatMap(({ record }) => blobsOf(record)).map(digestHex));
  let removed = 0;
  for (const name of readdirSync(blobsDirectory(store), { recursive: true, encoding: 'utf8' })) {
    const [algorithm, , hex] = name.split('/');
    if (hex === undefined || owned.has(hex)) continue;
    if (algorithm === 'sha256' && unused === undefined) continue;
    rmSync(join(blobsDirectory(store), name));
    removed++;
  }
  return removed;
}
