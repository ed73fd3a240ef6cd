import { type Lock, lock, tryLock } from '../../../linux/lock.ts';
import { layersDirectory, type Store } from '../layout.ts';

/** As long as this is held, what an import found in the store, or put there, stays although no image names it yet. */
export function useLayers(store: Store): Lock {
  return lock(layersDirectory(store), 'shared');
}

/** For who removes blobs and layers that no image names: undefined while somebody imports one. */
export function claimUnusedLayers(store: Store): Lock | undefined {
  return tryLock(layersDirectory(store), 'exclusive');
}
