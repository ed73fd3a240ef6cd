import { type AuthConfig, loadAuthConfig } from '../../image/registry/auth/auth-config.ts';
import type { HostAuth } from '../../image/registry/auth/auth-file.ts';
import { loadPathsConfig, type PathsConfig } from './paths.ts';
import { loadStage1Config, type Stage1Config } from './stage1.ts';

/** What is shown in the place of passwords, tokens and keys. */
export const MASK = '********';

/** An entry of the configuration, as a file of its kind would say it. */
export type ConfigEntry = Readonly<Record<string, unknown>> & { readonly rktKind: string };

/** The configuration that the directories make together, secrets masked. */
export function mergedConfig(configDirectories: readonly string[]): readonly ConfigEntry[] {
  return describeConfig({
    auth: loadAuthConfig(configDirectories),
    paths: loadPathsConfig(configDirectories),
    stage1: loadStage1Config(configDirectories),
  });
}

export interface Configs {
  readonly auth: AuthConfig;
  readonly paths: PathsConfig;
  readonly stage1: Stage1Config;
}

/** One entry for each host, and one each for paths and the stage1 where something is said of them. */
export function describeConfig({ auth, paths, stage1 }: Configs): readonly ConfigEntry[] {
  return [
    ...[...auth.domains].map(([domain, { type, credentials }]) =>
      entry('auth', { domains: [domain], type, credentials: masked(type, credentials) }),
    ),
    ...[...auth.registries].map(([registry, { user }]) =>
      entry('dockerAuth', { registries: [registry], credentials: { user, password: MASK } }),
    ),
    ...(Object.keys(paths).length === 0 ? [] : [entry('paths', paths)]),
    ...(Object.keys(stage1).length === 0 ? [] : [entry('stage1', stage1)]),
  ];
}

function entry(rktKind: string, body: object): ConfigEntry {
  return { rktVersion: 'v1', rktKind, ...body };
}

/** Names and regions are no secrets. */
const PUBLIC: Readonly<Record<HostAuth['type'], readonly string[]>> = {
  basic: ['user'],
  oauth: [],
  aws: ['accessKeyID', 'awsRegion'],
};

function masked(type: HostAuth['type'], credentials: object): Readonly<Record<string, unknown>> {
  const shown = Object.entries(credentials).map(([name, value]) => [
    name,
    PUBLIC[type].includes(name) ? value : MASK,
  ]);
  return Object.fromEntries(shown);
}
