import type { AppMount } from '../../schema/pod-manifest.ts';
import type { Volume } from '../../schema/volume.ts';
import { cleanPath } from './clean-path.ts';
import { VolumeError } from './volume-error.ts';

/** The mounts of an app: those of all apps and its own, of which the last at a path counts. Every one needs its volume. */
export function mergeMounts(
  ofAllApps: readonly AppMount[],
  own: readonly AppMount[],
  volumes: readonly Volume[],
): readonly AppMount[] {
  const byTarget = new Map<string, AppMount>();
  for (const mount of [...ofAllApps, ...own]) {
    const path = cleanPath(mount.path);
    byTarget.delete(path);
    byTarget.set(path, { ...mount, path });
  }
  const mounts = [...byTarget.values()];
  const dangling = mounts.find(
    (mount) => mount.appVolume === undefined && !volumes.some(({ name }) => name === mount.volume),
  );
  if (dangling === undefined) return mounts;
  throw new VolumeError(
    `dangling mount point ${JSON.stringify(dangling.path)}: volume ${JSON.stringify(dangling.volume)} not found`,
  );
}
