import type { Evidence } from '../../trust/evidence.ts';
import { lookasideFor } from '../../trust/lookaside.ts';
import { readRegistriesConfig } from '../../trust/registries-d.ts';
import { type Http, openHttp } from '../http.ts';
import type { ResolvedImage } from '../oci/source.ts';
import { type DockerReference, dockerName, formatDockerReference } from '../reference/docker.ts';
import { gatherEvidence } from '../registry/evidence.ts';
import { loadRegistryConfigs } from '../registry/mirrors.ts';
import { type RegistrySource, registrySource } from '../registry/registry-source.ts';
import type { Store } from '../store/layout.ts';
import { fetchOci } from './oci.ts';
import type { FetchedImage, FetchOptions, ImageRequest, RegistryOptions } from './options.ts';
import { registryClient } from './registry-client.ts';
import { subjectReference } from './subject-reference.ts';

/** Brings an image of a registry, or of one of its mirrors, into the store. Its signatures are about the name that was asked for. */
export async function fetchFromRegistry(
  store: Store,
  reference: DockerReference,
  request: ImageRequest,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { registries } = options;
  using http = openHttp(options.http);
  const client = registryClient(http, registries);
  await using source = registrySource(client, reference, loadRegistryConfigs(registries.configDirectories));
  const wanted = {
    request: request.reference,
    name: dockerName(reference),
    tag: reference.tag,
    reference: subjectReference(reference),
    knownAs: reference.digest === undefined ? formatDockerReference(reference) : undefined,
    evidence: (image: ResolvedImage) => evidenceOf({ http, source, reference, registries }, image),
  };
  return await fetchOci(store, source, wanted, options);
}

interface FoundImage {
  readonly http: Http;
  readonly source: RegistrySource;
  readonly reference: DockerReference;
  readonly registries: RegistryOptions;
}

async function evidenceOf(
  { http, source, reference, registries }: FoundImage,
  { manifestDigest, indexes }: ResolvedImage,
): Promise<readonly Evidence[]> {
  const repository = source.repository();
  if (repository === undefined) return [];
  const config = await readRegistriesConfig(registries.lookasideDirectory);
  const lookaside = lookasideFor(config, subjectReference(reference), registries.defaultLookaside);
  const digests = [manifestDigest, ...indexes.map(({ digest }) => digest)];
  return gatherEvidence({ http, repository, lookaside, lookasideName: reference.repository }, digests);
}
