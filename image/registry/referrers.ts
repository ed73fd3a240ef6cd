import type { Digest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { parseImageIndex } from '../../schema/oci/manifest.ts';
import { documentKind, OCI_INDEX } from '../../schema/oci/media-type.ts';
import { readBody } from '../http/body.ts';
import { isSameOrigin } from '../http/url.ts';
import { referrersTag } from '../oci/companion.ts';
import { fetchManifest } from './manifest.ts';
import { registryError } from './registry-error.ts';
import type { Repository } from './repository.ts';

/** The most pages, and the most referrers, that are taken of one image (CVE-2023-46737: endless data). */
const MAX_PAGES = 10;
export const MAX_REFERRERS = 500;

/** What refers to an image: signatures, attestations. From the referrers API, or the tag that stands in for it. */
export async function listReferrers(repository: Repository, subject: Digest): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  let url: URL | undefined = new URL(`referrers/${subject}`, repository.base);
  for (let page = 0; url !== undefined && page < MAX_PAGES && found.length < MAX_REFERRERS; page++) {
    const answer = await fetchPage(repository, url);
    if (answer === undefined) return page === 0 ? listFallback(repository, subject) : found;
    found.push(...answer.manifests);
    url = answer.next;
  }
  return found.slice(0, MAX_REFERRERS);
}

interface Page {
  readonly manifests: readonly Descriptor[];
  readonly next: URL | undefined;
}

async function fetchPage(repository: Repository, url: URL): Promise<Page | undefined> {
  const response = await repository.http.request({ url, headers: { accept: OCI_INDEX } });
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim();
  // Registries without the API say 404, some 400 or 405; a web server in front may answer 200 with a page of its own.
  if ([400, 404, 405].includes(response.status) || (response.status === 200 && type !== OCI_INDEX)) {
    await response.discard();
    return undefined;
  }
  if (response.status !== 200) throw await registryError('fetch', response);
  const { manifests } = parseImageIndex(await readBody(response.body), OCI_INDEX);
  return { manifests, next: nextPage(response.headers.get('link'), url) };
}

/** `Link: </v2/…>; rel="next"`, on the same registry only. */
function nextPage(link: string | null, from: URL): URL | undefined {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined || !URL.canParse(target, from.href)) return undefined;
  const url = new URL(target, from);
  return isSameOrigin(url, from) ? url : undefined;
}

async function listFallback(repository: Repository, subject: Digest): Promise<readonly Descriptor[]> {
  const index = await fetchManifest(repository, referrersTag(subject));
  if (index === undefined || documentKind(index.mediaType) !== 'index') return [];
  return parseImageIndex(index.bytes, index.mediaType).manifests.slice(0, MAX_REFERRERS);
}
