import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RegistryOptions } from '../../image/fetch/options.ts';
import { hasCode } from '../../linux/system-error.ts';
import { isOrdinaryUser } from '../rootless/ordinary-user.ts';
import type { ConfigDirectories } from './engine-options.ts';

/** How registries are talked to, and where signatures of their images are: what the configuration directories say. */
export function registryOptions({
  systemConfig,
  localConfig,
  userConfig,
}: ConfigDirectories): RegistryOptions {
  const isOfUser = isOrdinaryUser();
  const data = isOfUser ? process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share') : '/var/lib';
  return {
    configDirectories: [systemConfig, localConfig, ...(userConfig === undefined ? [] : [userConfig])],
    lookasideDirectory: [localConfig, systemConfig].map(registriesIn).find(hasYaml) ?? CONTAINERS,
    defaultLookaside: pathToFileURL(join(data, 'containers/sigstore')),
    env: process.env,
  };
}

/** Other tools for containers keep it here. */
const CONTAINERS = '/etc/containers/registries.d';

function registriesIn(directory: string): string {
  return join(directory, 'registries.d');
}

function hasYaml(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => name.endsWith('.yaml'));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
