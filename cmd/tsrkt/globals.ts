import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import type { InsecureOption } from '../../stage0/api.ts';
import { loadPathsConfig } from '../../stage0/config/paths.ts';
import { isOrdinaryUser } from '../../stage0/rootless/ordinary-user.ts';
import { type Flags, type FlagValues, UsageError } from '../flag.ts';
import { parseInsecureOptions } from './insecure-options.ts';

/** The flags every command takes, before its name or after it. */
export const GLOBAL_FLAGS = {
  debug: { kind: 'boolean', describe: 'show more, and the causes of errors' },
  dir: { kind: 'string', value: 'DIR', describe: 'where images and pods are kept' },
  'system-config': { kind: 'string', value: 'DIR', describe: "the vendor's configuration and keys" },
  'local-config': { kind: 'string', value: 'DIR', describe: "the administrator's configuration and keys" },
  'user-config': { kind: 'string', value: 'DIR', describe: "the user's configuration; never keys" },
  'insecure-options': {
    kind: 'list',
    value: 'LIST',
    describe: 'checks to do without: image, tls, http, pubkey, capabilities, paths, seccomp, all …',
  },
  'trust-keys-from-https': {
    kind: 'boolean',
    describe: 'accept keys found by discovery over https unseen',
  },
  'no-progress': { kind: 'boolean', describe: 'draw no bars while something is fetched' },
  help: { kind: 'boolean', describe: 'show this text' },
} as const satisfies Flags;

export interface Globals {
  readonly debug: boolean;
  /** Absolute, symbolic links resolved. */
  readonly dataDirectory: string;
  readonly systemConfig: string;
  readonly localConfig: string;
  readonly userConfig: string | undefined;
  readonly insecure: ReadonlySet<InsecureOption>;
  readonly trustKeysFromHttps: boolean;
  /** Whether bars may be drawn. */
  readonly progress: boolean;
}

/**
 * Directories for who calls: the machine's for root, below the home directory for others (XDG Base Directory spec). Where data
 * is kept is said by the flag, else by the configuration.
 */
export function resolveGlobals(values: FlagValues<typeof GLOBAL_FLAGS>): Globals {
  const defaults = isOrdinaryUser() ? ofUser(process.env) : OF_ROOT;
  const systemConfig = directory('system-config', values['system-config']) ?? '/usr/lib/tsrkt';
  const localConfig = directory('local-config', values['local-config']) ?? defaults.config;
  const userConfig = directory('user-config', values['user-config']);
  const layers = [systemConfig, localConfig, ...(userConfig === undefined ? [] : [userConfig])];
  const data = directory('dir', values.dir) ?? loadPathsConfig(layers).data ?? defaults.data;
  return {
    debug: values.debug,
    dataDirectory: refuseForeign(resolveLinks(data)),
    systemConfig,
    localConfig,
    userConfig,
    insecure: parseInsecureOptions(values['insecure-options']),
    trustKeysFromHttps: values['trust-keys-from-https'],
    progress: !values['no-progress'],
  };
}

const OF_ROOT = { data: '/var/lib/tsrkt', config: '/etc/tsrkt' };

function ofUser(env: NodeJS.ProcessEnv) {
  const data = env['XDG_DATA_HOME'] || join(homedir(), '.local/share');
  const config = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return { data: join(data, 'tsrkt'), config: join(config, 'tsrkt') };
}

function directory(flag: string, value: string | undefined): string | undefined {
  if (value === '') throw new UsageError(`--${flag}: the directory cannot be empty`);
  return value === undefined ? undefined : resolve(value);
}

/** What stands in a pod's directory is believed, even which program takes it down: root must not ask another's. */
function refuseForeign(path: string): string {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid ?? 0;
  if (process.geteuid?.() === 0 && owner !== 0) throw new ForeignDirectory(path, owner);
  return path;
}

class ForeignDirectory extends Error {
  readonly code = 'ERR_FOREIGN_DIRECTORY';
  readonly hint = 'run tsrkt as that user';
  constructor(path: string, owner: number) {
    super(`use ${JSON.stringify(path)}: it belongs to user ${owner}, and root does not trust what is in it`);
  }
}

function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return path;
    throw error;
  }
}
