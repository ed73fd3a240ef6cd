import { type Digest, digestAlgorithm, digestHex } from '../schema/digest.ts';
import { type DockerReference, formatDockerReference } from './docker-reference.ts';
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

/**
 * Where signature number `index` (1, 2, … until one is missing) of a manifest is:
 * `<base>/<namespaces>/<name>@sha256=<hex>/signature-<index>`. The registry is not part of the path.
 */
export function lookasideSignature(
  base: URL,
  { repository }: DockerReference,
  manifest: Digest,
  index: number,
): URL {
  const path = repository.slice(repository.indexOf('/') + 1);
  const digest = `${digestAlgorithm(manifest)}=${digestHex(manifest)}`;
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/$/, '')}/${path}@${digest}/signature-${index}`;
  return url;
}
