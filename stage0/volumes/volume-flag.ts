import { DecodeError } from '../../schema/decode-error.ts';
import { type Volume, volume } from '../../schema/volume.ts';
import { readSettings } from './settings.ts';
import { VolumeError } from './volume-error.ts';

/**
 * Reads a `--volume=NAME,kind=host,source=PATH[,readOnly=BOOL][,recursive=BOOL]`, `…,kind=empty[,mode=0755][,uid=0][,gid=0]`
 * or `…,kind=tmpfs[,mode=…][,uid=…][,gid=…][,size=64Mi]`.
 */
export function parseVolumeFlag(text: string): Volume {
  const [name = '', ...settings] = text.split(',');
  try {
    const values = readSettings(settings);
    return volumeOf(name, values);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new VolumeError(`--volume=${text}: ${error.message}`, USAGE);
  }
}

/** A volume of the settings of a flag, each a text. */
export function volumeOf(name: string | undefined, settings: Readonly<Record<string, string>>): Volume {
  return volume({ name, ...Object.fromEntries(Object.entries(settings).map(typed)) });
}

const USAGE =
  'for example --volume=data,kind=host,source=/srv/data,readOnly=true or --volume=data,kind=empty';

function typed([key, value]: [string, string]): [string, unknown] {
  if (key === 'readOnly' || key === 'recursive') return [key, booleanOf(key, value)];
  if (key === 'uid' || key === 'gid') return [key, /^\d{1,10}$/.test(value) ? Number(value) : value];
  if (KEYS.includes(key)) return [key, value];
  throw new DecodeError(key, 'a volume has no such setting');
}

const KEYS = ['kind', 'source', 'mode', 'size'];

/** Go's words for a boolean, which rkt took. */
function booleanOf(key: string, value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  throw new DecodeError(key, `expected true or false, got ${JSON.stringify(value)}`);
}
