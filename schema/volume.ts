import { acName } from './ac-name.ts';
import { absolutePath } from './c-string.ts';
import {
  boolean,
  type Decoder,
  defaulted,
  type Infer,
  matching,
  object,
  oneOf,
  optional,
  union,
} from './decode.ts';
import { DecodeError } from './decode-error.ts';
import { uint32 } from './integer.ts';
import { quantity } from './quantity.ts';

/**
 * A volume of a pod: of the host, or empty and the pod's own (appc spec, pods.md, volumes). An empty one in memory, `tmpfs`,
 * is ours.
 */
export type Volume = Infer<typeof volume>;
export type HostVolume = Infer<typeof host>;
export type EmptyVolume = Infer<typeof empty>;
export type TmpfsVolume = Infer<typeof tmpfs>;

const host = object({
  name: acName,
  kind: oneOf('host'),
  source: absolutePath,
  readOnly: optional(boolean),
  recursive: optional(boolean),
  mode: optional(notFor('host')),
  uid: optional(notFor('host')),
  gid: optional(notFor('host')),
});

const octalMode = matching(/^[0-7]{1,5}$/, 'a file mode in octal digits');

const empty = object({
  name: acName,
  kind: oneOf('empty'),
  source: optional(notFor('empty')),
  readOnly: optional(boolean),
  recursive: optional(boolean),
  mode: defaulted(octalMode, '0755'),
  uid: defaulted(uint32, 0),
  gid: defaulted(uint32, 0),
});

/** `size` is in bytes: the most that can be in it. Without one it is half of the machine's memory. */
const tmpfs = object({
  name: acName,
  kind: oneOf('tmpfs'),
  source: optional(notFor('tmpfs')),
  readOnly: optional(boolean),
  recursive: optional(boolean),
  mode: defaulted(octalMode, '0755'),
  uid: defaulted(uint32, 0),
  gid: defaulted(uint32, 0),
  size: optional(quantity),
});

export const volume = union('kind', { host, empty, tmpfs });

function notFor(kind: string): Decoder<never> {
  return (_value, at = '') => {
    throw new DecodeError(at, `cannot be set for a volume of kind "${kind}"`);
  };
}
