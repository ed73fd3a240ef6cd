import type { AppMount } from '../../schema/pod-manifest.ts';
import type { Volume } from '../../schema/volume.ts';
import { parseMntVolumeFlag } from '../../stage0/volumes/mnt-volume-flag.ts';
import { parseMountFlag } from '../../stage0/volumes/mount-flag.ts';
import { parseVolumeFlag } from '../../stage0/volumes/volume-flag.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';

/** Of all apps where it stands before the first image, of one where it follows an image. */
export const MOUNT_FLAG = {
  mount: {
    kind: 'list',
    value: 'volume=NAME,target=PATH',
    describe: 'mount a volume: in all apps where it stands before the first image, in its app after one',
  },
} as const satisfies Flags;

/** The flags that declare the volumes of a pod. */
export const VOLUME_FLAGS = {
  volume: {
    kind: 'list',
    value: 'NAME,kind=KIND,…',
    describe:
      'declare a volume: kind=host,source=PATH[,readOnly=BOOL][,recursive=BOOL]; ' +
      'kind=empty[,mode=0755][,uid=0][,gid=0], the same for all apps, gone with the pod; ' +
      'or kind=tmpfs, an empty one in memory, with [,size=BYTES] besides',
  },
  ...MOUNT_FLAG,
} as const satisfies Flags;

/** Follows the image of `app add`. */
export const MNT_VOLUME_FLAG = {
  'mnt-volume': {
    kind: 'list',
    value: 'name=NAME,kind=KIND,target=PATH,…',
    describe: 'give the app a volume of its own; kinds and their settings are those of app sandbox --volume',
  },
} as const satisfies Flags;

/** What it asks for. */
export function ownVolumesOf({ 'mnt-volume': texts }: FlagValues<typeof MNT_VOLUME_FLAG>) {
  return texts.map(parseMntVolumeFlag);
}

/** What the flags ask for. */
export function volumesOf({ volume }: FlagValues<typeof VOLUME_FLAGS>): readonly Volume[] {
  const volumes = volume.map(parseVolumeFlag);
  const names: readonly string[] = volumes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`duplicate volume name ${JSON.stringify(twice)}`);
  return volumes;
}

export function mountsOf({ mount }: FlagValues<typeof MOUNT_FLAG>): readonly AppMount[] {
  return mount.map(parseMountFlag);
}
