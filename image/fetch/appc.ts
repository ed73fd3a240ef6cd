import type { AppcReference } from '../reference/appc.ts';
import type { Store } from '../store/layout.ts';
import { findImagesByName } from '../store/lookup.ts';
import type { FetchedImage, FetchOptions, ImageRequest } from './options.ts';
import { firstAccepted, notInStore } from './stored.ts';

/** The image of a name: from the store, or from where discovery says it may be had, as the pull policy says. */
export async function fetchAppc(
  store: Store,
  reference: AppcReference,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  if (options.pullPolicy !== 'update') {
    const images = findImagesByName(store, reference.name, reference.labels);
    const found = await firstAccepted(store, images, request, options);
    if (found !== undefined) return found;
  }
  if (options.pullPolicy === 'never') throw notInStore(request);
  const { fetchDiscovered } = await import('./discovered.ts'); // talking to servers takes modules that running does not
  return fetchDiscovered(store, reference, request, options);
}
