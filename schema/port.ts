import { acName } from './ac-name.ts';
import { boolean, defaulted, type Infer, integer, object, oneOf, refine } from './decode.ts';
import { DecodeError, member } from './decode-error.ts';

/** A port an app listens on, or `count` of them from `port` on (appc spec, aci.md, ports). */
export type Port = Infer<typeof port>;

/** 0 counts as 1, as in appc's Go code. */
const count = refine(integer(0, 65_535), (value) => value || 1);

export const port = refine(
  object({
    name: acName,
    protocol: oneOf('tcp', 'udp'),
    port: integer(1, 65_535),
    count: defaulted(count, 1),
    socketActivated: defaulted(boolean, false),
  }),
  (value, at) => {
    if (value.port + value.count > 65_536)
      throw new DecodeError(
        member(at, 'count'),
        `the last of ${value.count} ports from ${value.port} on is above 65535`,
      );
    return value;
  },
);
