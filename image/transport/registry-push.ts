import type { FetchOptions } from '../fetch/options.ts';
import { registryClient } from '../fetch/registry-client.ts';
import { openHttp } from '../http.ts';
import type { ImageDestination } from '../oci/destination.ts';
import type { DockerReference } from '../reference/docker.ts';
import { registryDestination } from '../registry/registry-destination.ts';
import { openRepository } from '../registry/repository.ts';

/** Opens a repository of a registry to put an image there. Mirrors are for reading, so there are none here. */
export async function openPushDestination(
  reference: DockerReference,
  { http: httpOptions, registries }: Pick<FetchOptions, 'http' | 'registries'>,
): Promise<ImageDestination> {
  const http = openHttp(httpOptions);
  const repository = await openRepository(registryClient(http, registries), reference, 'push');
  const destination = registryDestination(repository, reference.tag);
  return {
    ...destination,
    [Symbol.asyncDispose]: async () => {
      await destination[Symbol.asyncDispose]();
      http[Symbol.dispose]();
    },
  };
}
