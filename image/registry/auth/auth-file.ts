import {
  array,
  type Infer,
  matching,
  object,
  oneOf,
  optional,
  refine,
  union,
} from '../../../schema/decode.ts';
import { DecodeError } from '../../../schema/decode-error.ts';

/** A user and a password for a registry. */
export type Credentials = Infer<typeof credentials>;

/** How to authenticate to a host that serves ACIs, signatures or discovery documents (kind `auth`). */
export type HostAuth = Infer<typeof hostAuth>;

/** One file of an `auth.d` directory (rkt's configuration, version v1). */
export type AuthFile = Infer<typeof authFile>;

const word = matching(/^[^\0\r\n]+$/, 'a non-empty string on one line');
const host = matching(/^[A-Za-z0-9.[\]:_-]+$/, 'a host name, with its port if it has one');
const hosts = refine(array(host), (list, at) => {
  if (list.length === 0) throw new DecodeError(at, 'no host is given');
  return list;
});

/** A misspelled field would silently authenticate as nobody. */
const strict = { unknown: 'reject' } as const;

const credentials = object({ user: word, password: word }, strict);
const token = object({ token: word }, strict);
const awsKey = object({ accessKeyID: word, secretAccessKey: word, awsRegion: optional(word) }, strict);

const auth = { rktKind: oneOf('auth'), rktVersion: oneOf('v1'), domains: hosts };

const hostAuth = union('type', {
  basic: object({ ...auth, type: oneOf('basic'), credentials }, strict),
  oauth: object({ ...auth, type: oneOf('oauth'), credentials: token }, strict),
  aws: object({ ...auth, type: oneOf('aws'), credentials: awsKey }, strict),
});

const dockerAuth = object(
  { rktKind: oneOf('dockerAuth'), rktVersion: oneOf('v1'), registries: hosts, credentials },
  strict,
);

export const authFile = union('rktKind', { auth: hostAuth, dockerAuth });
