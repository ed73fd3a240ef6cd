import { join } from 'node:path';
import type { StoredImage } from '../image/store/image.ts';
import type { Store } from '../image/store/layout.ts';
import { imageTree, imageTreeId, removeTreeOf } from '../image/store/tree.ts';
import { DamagedError, isRendered, isTreeIntact, verifyBlob } from '../image/store/verify-image.ts';
import { lock } from '../linux/lock.ts';
import { partsInUse } from './image-gc.ts';
import { makePodDirectories } from './pod/directory.ts';

export interface VerifyRequest {
  readonly dataDirectory: string;
  readonly store: Store;
  readonly onRebuild: () => void;
}

/**
 * Reads all of an image again: its file against digest, ID and manifest; its tree against the file. A tree that is not what it was
 * is made again, unless pods are made of it. Tells whether there was a tree.
 */
export async function verifyStoredImage(image: StoredImage, request: VerifyRequest): Promise<boolean> {
  const { store, dataDirectory } = request;
  await verifyBlob(store, image);
  if (!isRendered(store, image)) return false;
  if (await isTreeIntact(store, image)) return true;
  request.onRebuild();
  makePodDirectories(dataDirectory);
  using _noNewPods = lock(join(dataDirectory, 'pods'), 'exclusive');
  if (partsInUse(dataDirectory).has(imageTreeId(image)))
    throw new DamagedError(image, 'its tree was changed, and pods are made of it');
  removeTreeOf(store, image);
  await imageTree(store, image.id);
  return true;
}
