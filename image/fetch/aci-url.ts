import type { Store } from '../store/layout.ts';
import { openAciHttp } from './open-aci-http.ts';
import type { FetchedImage, FetchOptions, ImageRequest } from './options.ts';
import { fetchUrl } from './url.ts';

/** Brings the ACI at a URL into the store; its signature has the same URL with `.asc` after the path. */
export async function fetchAciUrl(
  store: Store,
  url: URL,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  const signatureUrl = new URL(url);
  signatureUrl.pathname += '.asc';
  using http = openAciHttp(options);
  return await fetchUrl(store, { ...request, url, signatureUrl }, http, options);
}
