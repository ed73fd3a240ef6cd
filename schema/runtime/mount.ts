import { cString, nonEmpty } from '../c-string.ts';
import { array, type Infer, object, optional, refine } from '../decode.ts';
import { DecodeError } from '../decode-error.ts';
import { idMappings } from './id-mapping.ts';

export type Mount = Infer<typeof mount>;

/** An entry of `mounts` (config.md, mounts). `destination` may be relative (deprecated): it is relative to `/` then. */
export const mount = refine(
  object({
    destination: nonEmpty,
    type: optional(cString),
    source: optional(cString),
    options: optional(array(cString)),
    uidMappings: optional(idMappings),
    gidMappings: optional(idMappings),
  }),
  (value, at) => {
    if ((value.uidMappings === undefined) !== (value.gidMappings === undefined))
      throw new DecodeError(at, 'uidMappings and gidMappings must be given together');
    return value;
  },
);
