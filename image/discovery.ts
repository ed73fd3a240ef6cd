import { type MetaTag, scanMetaTags } from './discovery/meta-tags.ts';
import {
  type Endpoint,
  endpointsOf,
  type PublicKeyLocation,
  publicKeysOf,
  type Wanted,
} from './discovery/tags.ts';
import { readBody } from './http/body.ts';
import { printableUrl } from './http/url.ts';
import type { Http, HttpRequest } from './http.ts';

/** The most of a discovery document that is read, in bytes. */
const MAX_DOCUMENT = 1 << 20;

/** Nothing was found on any step from the name up to its host. */
export class DiscoveryError extends Error {
  readonly code = 'ERR_DISCOVERY';
  readonly hint: string;
  constructor(what: string, name: string, attempts: readonly string[]) {
    super(`discover ${what} of "${name}": found no endpoints`);
    this.name = 'DiscoveryError';
    this.hint = `tried ${attempts.join('; ')}`;
  }
}

export interface DiscoverySite {
  readonly http: Http;
  /** What makes a request to a host authorized, where that is configured. Asked for https only. */
  authorize?(url: URL): Pick<HttpRequest, 'authorization' | 'headers'>;
}

/** Finds where an appc image may be had (appc spec, discovery): all endpoints, to be tried in this order. */
export async function discoverEndpoints(site: DiscoverySite, wanted: Wanted): Promise<readonly Endpoint[]> {
  return discover(site, 'endpoints', wanted.name, (tags) => endpointsOf(tags, wanted, site.http.allowHttp));
}

/** Finds the public keys offered for a name. To trust them is somebody else's decision. */
export async function discoverPublicKeys(
  site: DiscoverySite,
  name: string,
): Promise<readonly PublicKeyLocation[]> {
  return discover(site, 'public keys', name, (tags) => publicKeysOf(tags, name, site.http.allowHttp));
}

async function discover<T>(
  site: DiscoverySite,
  what: string,
  name: string,
  find: (tags: readonly MetaTag[]) => readonly T[],
): Promise<readonly T[]> {
  const attempts: string[] = [];
  for (const url of discoveryUrls(name, site.http.allowHttp)) {
    const outcome = await readTags(site, url);
    const found = typeof outcome === 'string' ? [] : find(outcome);
    if (found.length > 0) return found;
    attempts.push(`${printableUrl(url)}: ${typeof outcome === 'string' ? outcome : 'no usable tag'}`);
  }
  throw new DiscoveryError(what, name, attempts);
}

/** From the name itself up to its host, https before http, which needs leave. */
export function discoveryUrls(name: string, allowHttp: boolean): readonly URL[] {
  const parts = name.split('/');
  const steps = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  const schemes = allowHttp ? ['https', 'http'] : ['https'];
  return steps.flatMap((step) => schemes.map((scheme) => new URL(`${scheme}://${step}?ac-discovery=1`)));
}

/** The document's tags, or why there are none: whatever goes wrong on one step, the next one may work. */
async function readTags({ http, authorize }: DiscoverySite, url: URL): Promise<readonly MetaTag[] | string> {
  const authorized = url.protocol === 'https:' ? authorize?.(url) : undefined;
  try {
    const response = await http.request({ ...authorized, url, maxBytes: MAX_DOCUMENT });
    if (response.status === 200) return scanMetaTags((await readBody(response.body)).toString());
    await response.discard();
    return `bad HTTP status code: ${response.status}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.message;
    throw error;
  }
}
