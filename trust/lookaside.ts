import { type DockerReference, formatDockerReference } from './oci/docker-reference.ts';
import { DEFAULT_SCOPE, type RegistriesConfig, type SignatureStorage } from './registries-d.ts';
import { prefixesOf } from './trust-name.ts';

/**
 * The storage that may hold signatures of an image: that of the most specific scope (a complete reference, its repository,
 * the namespaces above it, its registry), else the default. Nothing is merged.
 */
export function lookasideFor(config: RegistriesConfig, reference: DockerReference, otherwise: URL): URL {
  return storageOf(config, reference)?.read ?? otherwise;
}

/**
 * The directory that new signatures of an image are written into, as a `file:` URL: the staging area of that scope, else its storage,
 * else the default. Undefined where what the scope names is no directory of this machine.
 */
export function stagingFor(
  config: RegistriesConfig,
  reference: DockerReference,
  otherwise: URL,
): URL | undefined {
  const { read, staging } = storageOf(config, reference) ?? {};
  const place = staging ?? read ?? otherwise;
  return place.protocol === 'file:' ? place : undefined;
}

function storageOf(config: RegistriesConfig, reference: DockerReference): SignatureStorage | undefined {
  const above = prefixesOf(reference.repository).toReversed();
  const scope = [formatDockerReference(reference), ...above, DEFAULT_SCOPE].find((each) => config.has(each));
  return scope === undefined ? undefined : config.get(scope);
}
