import { acName } from '../../schema/ac-name.ts';
import { absolutePath } from '../../schema/c-string.ts';
import { DecodeError } from '../../schema/decode-error.ts';
import type { AppMount } from '../../schema/pod-manifest.ts';
import { readSettings } from './settings.ts';
import { VolumeError } from './volume-error.ts';

/** Reads a `--mount=volume=NAME,target=PATH`. */
export function parseMountFlag(text: string): AppMount {
  try {
    const { volume, target, ...others } = readSettings(text.split(','));
    const [stray] = Object.keys(others);
    if (stray !== undefined) throw new DecodeError(stray, 'a mount has no such setting');
    return { volume: acName(volume, 'volume'), path: absolutePath(target, 'target') };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new VolumeError(`--mount=${text}: ${error.message}`, USAGE);
  }
}

const USAGE = 'for example --mount=volume=data,target=/var/lib/data';
