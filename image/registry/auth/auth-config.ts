import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../../linux/system-error.ts';
import { decodeJson } from '../../../schema/json.ts';
import { type AuthFile, authFile, type Credentials, type HostAuth } from './auth-file.ts';

/** Everything `auth.d` directories say: by domain for ACIs, by registry for OCI images. */
export interface AuthConfig {
  readonly domains: ReadonlyMap<string, HostAuth>;
  readonly registries: ReadonlyMap<string, Credentials>;
}

/** Two files of one directory that speak of the same host. */
export class DuplicateAuthError extends Error {
  readonly code = 'ERR_CONFIG_DUPLICATE';
  constructor(file: string, host: string) {
    super(`read ${file}: authentication for "${host}" is already specified in the same directory`);
    this.name = 'DuplicateAuthError';
  }
}

/**
 * Reads `auth.d/*.json` of the system's, the local and the user's configuration directories: for one host, a later
 * directory replaces what an earlier one says. Directories that do not exist are skipped; a bad file is an error that names it.
 */
export function loadAuthConfig(configDirectories: readonly string[]): AuthConfig {
  const layers = configDirectories.map((directory) => readDirectory(join(directory, 'auth.d')));
  return {
    domains: new Map(layers.flatMap((layer) => [...layer.domains])),
    registries: new Map(layers.flatMap((layer) => [...layer.registries])),
  };
}

function readDirectory(directory: string): AuthConfig {
  const domains = new Map<string, HostAuth>();
  const registries = new Map<string, Credentials>();
  for (const name of jsonFiles(directory)) {
    const path = join(directory, name);
    const file = decodeJson(readFileSync(path), authFile, { what: path, maxBytes: 1 << 20 });
    if (file.rktKind === 'auth') addAll(domains, file.domains, file, path);
    else addAll(registries, file.registries, file.credentials, path);
  }
  return { domains, registries };
}

function addAll<T extends AuthFile | Credentials>(
  map: Map<string, T>,
  hosts: readonly string[],
  value: T,
  path: string,
) {
  for (const host of hosts) {
    if (map.has(host)) throw new DuplicateAuthError(path, host);
    map.set(host, value);
  }
}

/** Regular files called `*.json` directly in the directory: no links, no subdirectories (rkt's rule). */
function jsonFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
