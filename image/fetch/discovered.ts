import { TrustError } from '../../trust/trust-error.ts';
import { discoverEndpoints } from '../discovery.ts';
import type { AppcReference } from '../reference/appc.ts';
import { expectedCode } from '../store/error.ts';
import type { Store } from '../store/layout.ts';
import { offerKeys } from './offer-keys.ts';
import { openAciHttp } from './open-aci-http.ts';
import type { FetchedImage, FetchOptions, ImageRequest } from './options.ts';
import { fetchUrl } from './url.ts';

/**
 * Brings an image into the store from where discovery says it may be had: all endpoints are tried in turn. If none will do, the
 * error is the first refusal, or else the first failure.
 */
export async function fetchDiscovered(
  store: Store,
  identity: AppcReference,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  using http = openAciHttp(options);
  const endpoints = await discoverEndpoints({ http }, identity);
  await offerKeys(identity.name, options);
  const failures: Error[] = [];
  for (const { image: url, signature: signatureUrl } of endpoints) {
    try {
      return await fetchUrl(store, { ...request, identity, url, signatureUrl }, http, options);
    } catch (error) {
      if (expectedCode(error) === undefined) throw error;
      failures.push(error as Error);
      if (failures.length < endpoints.length) options.notes.notice((error as Error).message);
    }
  }
  throw failures.find((each) => each instanceof TrustError) ?? failures[0];
}
