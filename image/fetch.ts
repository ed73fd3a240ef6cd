import { statSync } from 'node:fs';
import { show } from '../schema/decode-error.ts';
import { storedImages } from './describe.ts';
import { fetchAppc } from './fetch/appc.ts';
import { fetchDependencies } from './fetch/dependencies.ts';
import { fetchDocker } from './fetch/docker.ts';
import { FetchError } from './fetch/fetch-error.ts';
import { fetchFile } from './fetch/file.ts';
import type { FetchedImage, FetchOptions, ImageRequest } from './fetch/options.ts';
import { imageOfId, judgeStored } from './fetch/stored.ts';
import { printableUrl } from './http/url.ts';
import type { LocalReference } from './oci/open-source.ts';
import type { HostPlatform } from './reference/appc.ts';
import { parseReference, type Reference } from './reference.ts';
import type { StoredImage } from './store/image.ts';
import type { Store } from './store/layout.ts';
import { touchImage } from './store/lookup.ts';

/**
 * The image that a reference means, in the store, and accepted by the keys and policy of today. Nothing is decompressed, parsed or
 * run before it was decided that it may be. With `--insecure-options=image` there is one warning for an image that was let through.
 */
export async function fetchImage(
  store: Store,
  asked: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  const reference = parseReference(asked.reference, { isFile, host: options.host });
  const request = { ...asked, reference: printableReference(asked.reference, reference) };
  const fetcher = fetchers[reference.kind] as Fetcher<Reference['kind']>;
  const image = await fetchDependencies(store, await fetcher(store, reference, request, options), options);
  touchImage(store, image.id);
  const { mode, reason } = image.decision;
  if (options.insecureImage && mode === 'unverified')
    options.notes.warning(`image ${show(request.reference)} is let through unverified: ${reason}`);
  return image;
}

/** The image in the store that `text` means, trusted or not; for commands that bring nothing into it and run nothing. */
export function findStoredImage(store: Store, text: string, host: HostPlatform): StoredImage {
  const reference = parseReference(text, { isFile: () => false, host });
  if (reference.kind === 'hash') return imageOfId(store, reference.prefix);
  const [found] = storedImages(store, reference);
  if (found !== undefined) return found;
  throw new FetchError('ERR_NOT_FOUND', `image ${show(text)} is not in the store`);
}

type Fetcher<K extends Reference['kind']> = (
  store: Store,
  reference: Extract<Reference, { readonly kind: K }>,
  request: ImageRequest,
  options: FetchOptions,
) => Promise<FetchedImage>;

/** How each kind of reference is fetched. Modules that talk to servers are loaded when one is talked to. */
const fetchers: { readonly [K in Reference['kind']]: Fetcher<K> } = {
  file: (store, { path }, request, options) => fetchFile(store, path, request, options),
  hash: async (store, { prefix }, request, options) =>
    judgeStored(store, imageOfId(store, prefix), request, options),
  url: async (store, { url }, request, options) => {
    const { fetchAciUrl } = await import('./fetch/aci-url.ts');
    return fetchAciUrl(store, url, request, options);
  },
  appc: fetchAppc,
  docker: fetchDocker,
  oci: fetchLocal,
  'oci-archive': fetchLocal,
  'docker-archive': fetchLocal,
  'docker-export': fetchLocal,
  rootfs: fetchLocal,
};

async function fetchLocal(
  store: Store,
  reference: LocalReference,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { fetchLocalImage } = await import('./fetch/local-image.ts');
  return fetchLocalImage(store, reference, request, options);
}

/** URLs may hold credentials; they are printed, and kept with the image, without. */
function printableReference(text: string, reference: Reference): string {
  return reference.kind === 'url' ? printableUrl(reference.url) : text;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
