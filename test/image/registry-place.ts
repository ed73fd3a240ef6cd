import type { FetchedImage, FetchOptions } from '../../image/fetch/options.ts';
import { fetchImage } from '../../image/fetch.ts';
import { certificate } from '../registry/pulling.ts';
import { type RegistryOptions, startRegistry, type TestRegistry } from '../registry/registry.ts';
import { type FetchPlace, fetchPlace } from './fetch-place.ts';

/** A store and a registry. */
export interface RegistryPlace extends AsyncDisposable {
  readonly place: FetchPlace;
  readonly registry: TestRegistry;
  /** Fetches `docker://HOST/REFERENCE`. */
  fetch(reference: string, changes?: Partial<FetchOptions>): Promise<FetchedImage>;
  /** The URLs of the blobs that were asked for since the last call. */
  blobsAskedFor(): readonly string[];
}

export async function registryPlace(options: RegistryOptions = {}): Promise<RegistryPlace> {
  const place = await fetchPlace();
  const registry = await startRegistry(certificate, options);
  const http = { userAgent: 'tsrkt/test', env: { SSL_CERT_FILE: certificate.certFile }, retries: 0 };
  return {
    place,
    registry,
    fetch: (reference, changes = {}) =>
      fetchImage(
        place.store,
        { reference: `docker://${registry.host}/${reference}` },
        place.options({ http, insecureImage: true, pullPolicy: 'update', ...changes }),
      ),
    blobsAskedFor: () => {
      const urls = registry.seen.map(({ url }) => url).filter((url) => url.includes('/blobs/'));
      registry.seen.length = 0;
      return urls;
    },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      place[Symbol.dispose]();
    },
  };
}
