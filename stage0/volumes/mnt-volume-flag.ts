import { absolutePath } from '../../schema/c-string.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import type { Volume } from '../../schema/volume.ts';
import { readSettings } from './settings.ts';
import { VolumeError } from './volume-error.ts';
import { volumeOf } from './volume-flag.ts';

/** Reads a `--mnt-volume=name=NAME,kind=KIND,target=PATH[,…]`, the other settings as those of `--volume`. */
export function parseMntVolumeFlag(text: string): { readonly volume: Volume; readonly target: string } {
  try {
    const { name, target, ...settings } = readSettings(text.split(','));
    return { volume: volumeOf(name, settings), target: absolutePath(target, 'target') };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new VolumeError(`--mnt-volume=${text}: ${error.message}`, USAGE);
  }
}

const USAGE = 'for example --mnt-volume=name=data,kind=host,source=/srv/data,target=/data';
