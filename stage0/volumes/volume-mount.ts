import { quantityUnits } from '../../schema/quantity.ts';
import type { Mount } from '../../schema/runtime-config.ts';
import type { TmpfsVolume } from '../../schema/volume.ts';
import type { PlacedVolume } from './app-volumes.ts';

export interface BindChoices {
  /** Where the volume's files are on the host. */
  readonly source: string;
  /** Whether what is mounted below a volume of the host comes along where the volume does not say. */
  readonly recursive: boolean;
}

/** The bind of a volume into an app. One that is read only is so with all that is mounted below it. */
export function bindVolume({ volume, target, readOnly }: PlacedVolume, choices: BindChoices): Mount {
  const recursive = volume.kind === 'host' && (volume.recursive ?? choices.recursive);
  const options = [
    recursive ? 'rbind' : 'bind',
    ...(readOnly ? [recursive ? 'rro' : 'ro'] : []),
    ...(volume.kind === 'host' ? [] : ['nodev']), // devices come as volumes of the host
  ];
  return { destination: target, type: 'bind', source: choices.source, options };
}

/** The sandbox's mount of a volume in memory, which apps bind from there. */
export function tmpfsMount({ mode, uid, gid, size }: TmpfsVolume, destination: string): Mount {
  const limit = size === undefined ? [] : [`size=${quantityUnits(size)}`];
  const options = ['nosuid', 'nodev', `mode=${mode}`, `uid=${uid}`, `gid=${gid}`, ...limit];
  return { destination, type: 'tmpfs', source: 'tmpfs', options };
}
