import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import {
  array,
  boolean,
  defaulted,
  type Infer,
  matching,
  object,
  oneOf,
  optional,
} from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import type { DockerReference } from '../reference/docker.ts';

/** What one file of `registries.d` says about the images below a prefix. */
export type RegistryConfig = Infer<typeof registryConfig>;

/** A repository somewhere, whatever its tags. */
export type Place = Pick<DockerReference, 'registry' | 'repository'>;

const place = matching(/^[A-Za-z0-9.[\]:_-]+(?:\/[a-z0-9._/-]+)?$/, 'HOST[:PORT][/PATH]');

/**
 * `{"rktKind": "registry", "rktVersion": "v1", "prefix": "docker.io/library", "mirrors": ["mirror.example/hub"],
 * "location": "docker.io/library", "blocked": false}`.
 * Mirrors are tried in order, then the location, which is the prefix itself unless given.
 */
const registryConfig = object(
  {
    rktKind: oneOf('registry'),
    rktVersion: oneOf('v1'),
    prefix: place,
    location: optional(place),
    mirrors: defaulted(array(place), []),
    blocked: defaulted(boolean, false),
  },
  { unknown: 'reject' },
);

/** An image that the configuration forbids to fetch. */
export class BlockedError extends Error {
  readonly code = 'ERR_REGISTRY_BLOCKED';
  constructor(name: string, prefix: string) {
    super(`fetch ${name}: images below "${prefix}" are blocked by the configuration`);
    this.name = 'BlockedError';
  }
}

/** Reads `registries.d/*.json` of the configuration directories, system first; later ones win for the same prefix. */
export function loadRegistryConfigs(configDirectories: readonly string[]): readonly RegistryConfig[] {
  const byPrefix = new Map<string, RegistryConfig>();
  for (const directory of configDirectories.map((each) => join(each, 'registries.d'))) {
    for (const name of jsonFiles(directory)) {
      const path = join(directory, name);
      const config = decodeJson(readFileSync(path), registryConfig, { what: path, maxBytes: 1 << 20 });
      byPrefix.set(config.prefix, config);
    }
  }
  return [...byPrefix.values()];
}

function jsonFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The configuration whose prefix is the longest that matches whole components of `docker.io/library/busybox`. */
export function configFor(configs: readonly RegistryConfig[], name: string): RegistryConfig | undefined {
  return configs
    .filter(({ prefix }) => name === prefix || name.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** Where to look for an image, in order. The name it is trusted under stays the one that was asked for. */
export function placesFor(configs: readonly RegistryConfig[], reference: Place): readonly Place[] {
  const name = `${reference.registry}/${reference.repository}`;
  const config = configFor(configs, name);
  if (config === undefined) return [reference];
  if (config.blocked) throw new BlockedError(name, config.prefix);
  const places = [...config.mirrors, config.location ?? config.prefix];
  return places.map((each) => split(each + name.slice(config.prefix.length)));
}

function split(name: string): Place {
  const slash = name.indexOf('/');
  return { registry: name.slice(0, slash), repository: name.slice(slash + 1) };
}
