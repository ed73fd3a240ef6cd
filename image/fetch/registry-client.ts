import type { Http } from '../http.ts';
import { loadAuthConfig } from '../registry/auth/auth-config.ts';
import { credentialsFinder } from '../registry/auth/find-credentials.ts';
import type { RegistryClient } from '../registry/repository.ts';
import type { RegistryOptions } from './options.ts';

/** What talks to registries, with the credentials that this machine and its user have for them. */
export function registryClient(http: Http, { configDirectories, env }: RegistryOptions): RegistryClient {
  return { http, findCredentials: credentialsFinder(loadAuthConfig(configDirectories), env) };
}
