import { join } from 'node:path';
import type { StoredImage } from '../image/store/image.ts';
import type { Store } from '../image/store/layout.ts';
import type { OciParts } from '../image/store/record.ts';
import { imageRootfs } from '../image/store/rootfs.ts';
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
  if (image.record.oci !== undefined) return verifyOciImage(image, image.record.oci, request);
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

/** The same of an OCI image: its blobs against their digests, its layers against their blobs. */
async function verifyOciImage(image: StoredImage, oci: OciParts, request: VerifyRequest): Promise<boolean> {
  const { store, dataDirectory } = request;
  const { changedLayers, removeLayer, verifyOciBlobs } = await import('../image/store/oci/verify.ts');
  await verifyOciBlobs(store, image);
  const changed = await changedLayers(store, oci);
  if (changed.length === 0) return true;
  request.onRebuild();
  makePodDirectories(dataDirectory);
  using _noNewPods = lock(join(dataDirectory, 'pods'), 'exclusive');
  const inUse = partsInUse(dataDirectory);
  if (changed.some((layer) => inUse.has(layer)))
    throw new DamagedError(image, 'a layer was changed, and pods are made of it');
  for (const layer of changed) removeLayer(store, layer);
  await imageRootfs(store, image.id);
  return true;
}
