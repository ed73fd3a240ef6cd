import { type DockerReference, formatDockerReference } from './oci/docker-reference.ts';
import { DEFAULT_SCOPE, type RegistriesConfig } from './registries-d.ts';
import { prefixesOf } from './trust-name.ts';

/**
 * The storage that may hold signatures of an image: that of the most specific scope (a complete reference, its repository,
 * the namespaces above it, its registry), else the default. Nothing is merged.
 */
export function lookasideFor(config: RegistriesConfig, reference: DockerReference, otherwise: URL): URL {
  const above = prefixesOf(reference.repository).toReversed();
  const scope = [formatDockerReference(reference), ...above, DEFAULT_SCOPE].find((each) => config.has(each));
  return (scope === undefined ? undefined : config.get(scope)) ?? otherwise;
}
