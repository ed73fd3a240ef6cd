import type { MountPoint } from '../../schema/app.ts';
import type { AppMount } from '../../schema/pod-manifest.ts';
import { type Volume, volume } from '../../schema/volume.ts';
import { checkTarget } from './check-target.ts';
import { cleanPath } from './clean-path.ts';
import { VolumeError } from './volume-error.ts';

/** What an app and its image say about volumes. */
export interface VolumeUser {
  readonly name: string;
  readonly mounts: readonly AppMount[];
  readonly mountPoints: readonly MountPoint[];
}

/** A volume at its place in an app. */
export interface PlacedVolume {
  readonly volume: Volume;
  readonly target: string;
  readonly readOnly: boolean;
  /** No other app has it: its files are the app's own. */
  readonly isOwn: boolean;
  /** The image's mount point nobody named a volume for. */
  readonly implicitFor?: string;
}

/**
 * The volumes of an app: those it mounts, those the pod has under the name of one of its image's mount points, and an empty
 * one for every mount point left over (appc spec, pods.md). What lies above another comes before it.
 */
export function appVolumes(user: VolumeUser, volumes: readonly Volume[]): readonly PlacedVolume[] {
  const mounted = user.mounts.map((mount) => placeMount(mount, user, volumes));
  const targets = new Set(mounted.map(({ target }) => target));
  const others = user.mountPoints
    .filter(({ path }) => !targets.has(cleanPath(path)))
    .map((point) => placeMountPoint(point, volumes));
  const placed = [...mounted, ...others];
  for (const {
    target,
    volume: { name },
  } of placed)
    checkTarget(user.name, name, target);
  return placed.toSorted((a, b) => depth(a.target) - depth(b.target));
}

function placeMount(mount: AppMount, { mountPoints }: VolumeUser, volumes: readonly Volume[]): PlacedVolume {
  const { appVolume } = mount;
  const found = appVolume ?? volumes.find(({ name }) => name === mount.volume);
  if (found === undefined) throw new VolumeError(`could not find volume ${JSON.stringify(mount.volume)}`);
  const point = mountPoints.find(({ name }) => name === mount.volume);
  return place(found, mount.path, point?.readOnly, { isOwn: appVolume !== undefined });
}

function placeMountPoint({ name, path, readOnly }: MountPoint, volumes: readonly Volume[]): PlacedVolume {
  const found = volumes.find((each) => each.name === name);
  if (found !== undefined) return place(found, path, readOnly, { isOwn: false });
  return place(volume({ name, kind: 'empty' }), path, readOnly, { isOwn: true, implicitFor: name });
}

/** What a volume says about being read only goes before what a mount point says. */
function place(
  found: Volume,
  path: string,
  readOnly: boolean | undefined,
  rest: Pick<PlacedVolume, 'isOwn' | 'implicitFor'>,
): PlacedVolume {
  return { volume: found, target: cleanPath(path), readOnly: found.readOnly ?? readOnly ?? false, ...rest };
}

function depth(path: string): number {
  return path.split('/').length;
}
