import type { Digest } from '../../schema/digest.ts';
import { stagingFor } from '../../trust/lookaside.ts';
import { readRegistriesConfig } from '../../trust/registries-d.ts';
import type { FetchOptions } from '../fetch/options.ts';
import { registryClient } from '../fetch/registry-client.ts';
import { subjectReference } from '../fetch/subject-reference.ts';
import { openHttp } from '../http.ts';
import type { ImageDestination } from '../oci/destination.ts';
import type { DockerReference } from '../reference/docker.ts';
import { appendLookaside } from '../registry/append-lookaside.ts';
import { registryDestination } from '../registry/registry-destination.ts';
import { openRepository, type Repository } from '../registry/repository.ts';

/** Opens a repository of a registry to put an image there. Mirrors are for reading, so there are none here. `origin` is where it comes from. */
export async function openPushDestination(
  reference: DockerReference,
  { http: httpOptions, registries }: Pick<FetchOptions, 'http' | 'registries'>,
  origin: () => Repository | undefined,
): Promise<ImageDestination> {
  const config = await readRegistriesConfig(registries.lookasideDirectory);
  const staging = stagingFor(config, subjectReference(reference), registries.defaultLookaside);
  const http = openHttp(httpOptions);
  const repository = await openRepository(registryClient(http, registries), reference, 'push');
  const destination = registryDestination(repository, reference.tag, origin);
  const putSimpleSignatures = async (subject: Digest, messages: readonly Buffer[]) => {
    if (staging !== undefined) appendLookaside(staging, reference.repository, subject, messages);
  };
  return {
    ...destination,
    ...(staging === undefined ? {} : { putSimpleSignatures }),
    [Symbol.asyncDispose]: async () => {
      await destination[Symbol.asyncDispose]();
      http[Symbol.dispose]();
    },
  };
}
