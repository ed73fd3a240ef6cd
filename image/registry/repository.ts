import { hasCode } from '../../linux/system-error.ts';
import { ConnectionError } from '../http/connection-error.ts';
import type { Http } from '../http.ts';
import { authorizedHttp } from './auth/authorized-http.ts';
import type { FindCredentials } from './auth/find-credentials.ts';
import type { Place } from './mirrors.ts';

/** What is needed to talk to any registry. */
export interface RegistryClient {
  readonly http: Http;
  readonly findCredentials: FindCredentials;
}

/** One repository of one registry, ready to be asked. */
export interface Repository {
  /** `docker.io/library/busybox` */
  readonly name: string;
  /** `https://registry-1.docker.io/v2/library/busybox/` */
  readonly base: URL;
  /** Authorizes itself. */
  readonly http: Http;
}

export type Access = 'pull' | 'push';

/** Where the registry that is called docker.io really is. */
const HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** Opens a repository: over https; over http only with leave, and only where https does not answer. */
export async function openRepository(
  { http, findCredentials }: RegistryClient,
  { registry, repository }: Place,
  access: Access,
): Promise<Repository> {
  const host = HOSTS[registry] ?? registry;
  const origin = new URL(`${http.allowHttp ? await findScheme(http, host) : 'https'}://${host}`);
  const name = `${registry}/${repository}`;
  const scope = `repository:${repository}:${access === 'push' ? 'pull,push' : 'pull'}`;
  return {
    name,
    base: new URL(`/v2/${repository}/`, origin),
    http: authorizedHttp(http, { origin, name, scope, findCredentials }),
  };
}

async function findScheme(http: Http, host: string): Promise<'https' | 'http'> {
  try {
    const response = await http.request({ url: new URL(`https://${host}/v2/`) });
    await response.discard();
    return 'https';
  } catch (error) {
    // Any failure to speak TLS there, but not a certificate that is bad: that may be an attack.
    if (error instanceof ConnectionError && error.hint === undefined) return 'http';
    if (hasCode(error, 'ERR_HTTP_TIMEOUT')) return 'http';
    throw error;
  }
}
