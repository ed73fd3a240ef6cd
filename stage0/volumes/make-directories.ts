import { chmodSync, chownSync, closeSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyTree } from '../../image/copy-tree.ts';
import { openImageDirectory } from './image-directory.ts';
import type { VolumeDirectory } from './plan.ts';

/** The directories that an app's image is made of, the uppermost first. */
export type LowersOf = (app: string) => readonly string[];

/** Makes the directories of a pod's volumes below `podDirectory`. */
export async function makeVolumeDirectories(
  podDirectory: string,
  directories: readonly VolumeDirectory[],
  lowersOf: LowersOf,
): Promise<void> {
  for (const directory of directories) {
    const path = join(podDirectory, directory.path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (!(await copyDirectory(directory, path, lowersOf))) makeDirectory(directory, path);
  }
}

async function copyDirectory({ copyOf }: VolumeDirectory, path: string, lowersOf: LowersOf) {
  const source = copyOf && openImageDirectory(lowersOf(copyOf.app), copyOf.path);
  if (source === undefined) return false;
  try {
    await copyTree(`/proc/self/fd/${source}/.`, path); // the directory, not the link to it
    return true;
  } finally {
    closeSync(source);
  }
}

/** The owner first: a change of owner takes set-id bits away. */
function makeDirectory({ mode, uid, gid }: VolumeDirectory, path: string): void {
  mkdirSync(path);
  chownSync(path, uid, gid);
  chmodSync(path, mode);
}
