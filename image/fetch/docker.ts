import { show } from '../../schema/decode-error.ts';
import { type DockerReference, dockerName } from '../reference/docker.ts';
import type { StoredImage } from '../store/image.ts';
import type { Store } from '../store/layout.ts';
import { findImagesByReference } from '../store/lookup.ts';
import { FetchError } from './fetch-error.ts';
import { judgeKept } from './judge.ts';
import type { FetchedImage, FetchOptions, ImageRequest } from './options.ts';
import { notInStore } from './stored.ts';
import { subjectReference } from './subject-reference.ts';

/** The image of a registry: the one of the store, or from its registry, as the pull policy says. */
export async function fetchDocker(
  store: Store,
  reference: DockerReference,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  if (request.signatureFile !== undefined)
    throw new FetchError('ERR_UNSUPPORTED', `image ${show(request.reference)}: --signature is for files`);
  if (options.pullPolicy !== 'update') {
    const [image] = findImagesByReference(store, reference);
    if (image !== undefined) return judgeAs(image, reference, request, options);
  }
  if (options.pullPolicy === 'never') throw notInStore(request);
  const { fetchFromRegistry } = await import('./registry.ts'); // talking to servers takes modules that running does not
  return fetchFromRegistry(store, reference, request, options);
}

/** An image may have several names: it is judged by the one that was asked for. */
async function judgeAs(
  image: StoredImage,
  reference: DockerReference,
  { reference: request }: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { blob, verification } = image.record;
  const kept = {
    request,
    name: dockerName(reference),
    reference: subjectReference(reference),
    blob,
    verification,
  };
  return { ...image, decision: await judgeKept(kept, options) };
}
