import { type Infer, object, optional, record, string } from '../../../schema/decode.ts';

/** What proves to a registry who we are: a user and password, or a refresh token. */
export type RegistryCredentials =
  | { readonly user: string; readonly password: string }
  | { readonly identityToken: string };

/** `~/.docker/config.json`, or `auth.json` of the containers tools: the members that matter here. */
export type DockerConfig = Infer<typeof dockerConfig>;

const entry = object({
  auth: optional(string),
  username: optional(string),
  password: optional(string),
  identitytoken: optional(string),
});

export const dockerConfig = object({
  auths: optional(record(entry)),
  credsStore: optional(string),
  credHelpers: optional(record(string)),
});

/** Where the credentials for a repository are: in the file itself, or with a helper that is asked for `server`. */
export type CredentialsPlace =
  | { readonly credentials: RegistryCredentials }
  | { readonly helper: string; readonly server: string };

/** Docker's own name for its registry in these files, which is a URL. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/**
 * Looks for the credentials of `docker.io/library/busybox`: the most specific key of a helper, then of an entry
 * (`HOST/NAMESPACE` before `HOST`), then the helper for everything.
 */
export function findInDockerConfig(config: DockerConfig, name: string): CredentialsPlace | undefined {
  const names = prefixes(name);
  const host = names.at(-1) ?? name;
  const server = host === 'docker.io' ? DOCKER_HUB : host;
  const helper = pick(config.credHelpers, names);
  if (helper !== undefined) return { helper, server };
  const found = pick(config.auths, names);
  const credentials = found === undefined ? undefined : readEntry(found);
  if (credentials !== undefined) return { credentials };
  return config.credsStore ? { helper: config.credsStore, server } : undefined;
}

/** `a/b/c`, `a/b`, `a` */
function prefixes(name: string): readonly string[] {
  const parts = name.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

function pick<T>(map: Readonly<Record<string, T>> | undefined, names: readonly string[]): T | undefined {
  const normalized = new Map(Object.entries(map ?? {}).map(([key, value]) => [normalizeKey(key), value]));
  return names.map((name) => normalized.get(name)).find((value) => value !== undefined);
}

/** Keys may be URLs, as `docker login` of old wrote them. */
function normalizeKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '');
  return bare.replace(/^(?:index|registry-1)\.docker\.io(?=\/|$)/, 'docker.io');
}

function readEntry(from: Infer<typeof entry>): RegistryCredentials | undefined {
  if (from.identitytoken) return { identityToken: from.identitytoken };
  if (from.username && from.password) return { user: from.username, password: from.password };
  const pair = Buffer.from(from.auth ?? '', 'base64').toString();
  const colon = pair.indexOf(':');
  return colon > 0
    ? { user: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') }
    : undefined;
}
