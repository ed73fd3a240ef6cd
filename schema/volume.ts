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

/** A volume of a pod: of the host, or empty and the pod's own (appc spec, pods.md, volumes). */
export type Volume = Infer<typeof volume>;
export type HostVolume = Infer<typeof host>;
export type EmptyVolume = Infer<typeof empty>;

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

/** `mode` is in octal digits. */
const empty = object({
  name: acName,
  kind: oneOf('empty'),
  source: optional(notFor('empty')),
  readOnly: optional(boolean),
  recursive: optional(boolean),
  mode: defaulted(matching(/^[0-7]{1,5}$/, 'a file mode in octal digits'), '0755'),
  uid: defaulted(uint32, 0),
  gid: defaulted(uint32, 0),
});

export const volume = union('kind', { host, empty });

function notFor(kind: string): Decoder<never> {
  return (_value, at = '') => {
    throw new DecodeError(at, `cannot be set for a volume of kind "${kind}"`);
  };
}
