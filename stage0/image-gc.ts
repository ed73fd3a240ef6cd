import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../image/store/layout.ts';
import { listImages } from '../image/store/lookup.ts';
import { removeLayers } from '../image/store/oci/remove.ts';
import { removeImage, sweepBlobs } from '../image/store/remove.ts';
import { type PartId, parseParts } from '../image/store/rootfs.ts';
import { sweepPartials } from '../image/store/sweep-partials.ts';
import { sweepTemporary } from '../image/store/temporary.ts';
import { removeTrees } from '../image/store/tree.ts';
import { syncStore } from '../image/store/unsynced.ts';
import { lock } from '../linux/lock.ts';
import { hasCode } from '../linux/system-error.ts';
import type { ImageId } from '../schema/image-id.ts';
import { listPods } from './list.ts';
import { listUuids, makePodDirectories } from './pod/directory.ts';
import { openPod, type Pod } from './pod/open.ts';
import { readPodFile } from './pod/read-file.ts';
import { POD_DIRECTORIES } from './pod/state.ts';
import { partsOfStage1 } from './stage1/of-pod.ts';

/** What `image gc` removed. */
export interface ImageGarbage {
  readonly trees: readonly string[];
  readonly images: readonly ImageId[];
}

/** Removes trees that no pod names, images not used for `graceMs` that no running pod is made of, and what crashes left. */
export function collectImageGarbage(dataDirectory: string, store: Store, graceMs: number): ImageGarbage {
  makePodDirectories(dataDirectory);
  using _noNewPods = lock(join(dataDirectory, 'pods'), 'exclusive');
  const inUse = partsInUse(dataDirectory);
  const trees = removeTrees(store, inUse);
  const running = imagesOfRunningPods(dataDirectory);
  const old = listImages(store).images.filter(
    ({ id, lastUsed }) => Date.now() - lastUsed >= graceMs && !running.has(id),
  );
  const images = old.filter(({ id }) => removeImage(store, id)).map(({ id }) => id);
  sweepTemporary(store);
  sweepBlobs(store);
  sweepPartials(store, graceMs);
  syncStore(store);
  return { trees: [...trees, ...removeLayers(store, inUse)], images };
}

/** The trees and layers that pods in any state name; of a broken pod, those that can be read. */
export function partsInUse(dataDirectory: string): ReadonlySet<PartId> {
  const trees = listUuids(dataDirectory, POD_DIRECTORIES).flatMap((uuid) => {
    using pod = openPod(dataDirectory, uuid, 'shared');
    return pod === undefined ? [] : [...partsOf(pod), ...readable(() => partsOfStage1(pod.files))];
  });
  return new Set(trees);
}

function partsOf(pod: Pod): readonly PartId[] {
  const apps = join(pod.files, 'apps');
  return namesIn(apps).flatMap((name) =>
    readable(() => parseParts(readPodFile(join(apps, name, 'tree')) ?? '', name)),
  );
}

function readable(read: () => readonly PartId[]): readonly PartId[] {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ERR_DECODE', 'ENOTDIR', 'ELOOP')) return [];
    throw error;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function imagesOfRunningPods(dataDirectory: string): ReadonlySet<ImageId> {
  const running = listPods(dataDirectory).filter(({ state }) => state === 'running');
  return new Set(running.flatMap(({ apps }) => apps.map(({ imageId }) => imageId)));
}
