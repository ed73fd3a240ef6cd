import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../../linux/system-error.ts';
import { decodeJson } from '../../../schema/json.ts';
import type { AuthConfig } from './auth-config.ts';
import { dockerConfig, findInDockerConfig, type RegistryCredentials } from './docker-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Finds the credentials for a name such as `docker.io/library/busybox`; undefined: go there as nobody. */
export type FindCredentials = (name: string) => Promise<RegistryCredentials | undefined>;

/**
 * Looks where users keep credentials, in this order: `dockerAuth` of our own configuration, `$REGISTRY_AUTH_FILE`, the
 * containers tools' `auth.json`, Docker's `config.json`. The first that knows the name answers; files are read when needed.
 */
export function credentialsFinder(config: AuthConfig, env: Environment): FindCredentials {
  return async (name) => {
    const own = ownCredentials(config, name);
    if (own !== undefined) return own;
    for (const { path, isRequired } of authFiles(env)) {
      const found = await findInFile(path, isRequired, name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** rkt knew Docker's registry by its host name, so that is accepted beside `docker.io`. */
function ownCredentials({ registries }: AuthConfig, name: string): RegistryCredentials | undefined {
  const [host = ''] = name.split('/');
  const aliases = host === 'docker.io' ? [host, 'index.docker.io', 'registry-1.docker.io'] : [host];
  return aliases.map((alias) => registries.get(alias)).find((found) => found !== undefined);
}

interface AuthFilePath {
  readonly path: string;
  readonly isRequired: boolean;
}

/** The files, most particular first. One that the user names has to exist. */
export function authFiles(env: Environment): readonly AuthFilePath[] {
  const home = env['HOME'];
  const configHome = env['XDG_CONFIG_HOME'] || (home && join(home, '.config'));
  const docker = env['DOCKER_CONFIG'] || (home && join(home, '.docker'));
  const optional = [
    env['XDG_RUNTIME_DIR'] && join(env['XDG_RUNTIME_DIR'], 'containers/auth.json'),
    configHome && join(configHome, 'containers/auth.json'),
    docker && join(docker, 'config.json'),
  ];
  const named = env['REGISTRY_AUTH_FILE'];
  return [
    ...(named ? [{ path: named, isRequired: true }] : []),
    ...optional.flatMap((path) => (path ? [{ path, isRequired: false }] : [])),
  ];
}

async function findInFile(
  path: string,
  isRequired: boolean,
  name: string,
): Promise<RegistryCredentials | undefined> {
  const bytes = readIfThere(path, isRequired);
  if (bytes === undefined) return undefined;
  const place = findInDockerConfig(decodeJson(bytes, dockerConfig, { what: path }), name);
  if (place === undefined) return undefined;
  if ('credentials' in place) return place.credentials;
  const { askCredentialHelper } = await import('./credential-helper.ts');
  return askCredentialHelper(place.helper, place.server);
}

function readIfThere(path: string, isRequired: boolean): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (!isRequired && hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}
