import type { OfferedKeys } from '../../image/fetch/offer-keys.ts';
import type { FetchOptions, PullPolicy } from '../../image/fetch/options.ts';
import type { HttpOptions } from '../../image/http.ts';
import type { Trust } from '../../trust/evaluate.ts';
import { openTrust } from '../../trust/open-trust.ts';
import { hostPlatform } from '../prepare/platform.ts';
import { chooseStage1, type Stage1Choice } from '../stage1/choice.ts';
import { stage1Defaults } from '../stage1/configured.ts';
import { registryOptions } from './registry-options.ts';

/** A check that can be switched off (`--insecure-options`). */
export type InsecureOption =
  | 'image'
  | 'tls'
  | 'http'
  | 'pubkey'
  | 'capabilities'
  | 'paths'
  | 'seccomp'
  | 'ondisk';

/** Where an engine keeps things, whom it trusts, and whom it tells. */
export interface EngineOptions {
  /** Images and pods; absolute. */
  readonly dataDirectory: string;
  /** The directory of the programs tsrkt and stage1; only pods that are run need it. */
  readonly programs: string;
  /** The vendor's configuration and keys; `/usr/lib/tsrkt` if nothing is said. */
  readonly systemConfig?: string;
  /** The administrator's; `/etc/tsrkt` if nothing is said. */
  readonly localConfig?: string;
  /** A user's, without keys; none if nothing is said. */
  readonly userConfig?: string | undefined;
  /** Checks to do without; none if nothing is said. `image` takes images that nobody vouches for. */
  readonly insecure?: Iterable<InsecureOption>;
  /** Who decides about keys that a server offers while an image is fetched by name; if nobody does, none are looked for. */
  readonly considerKeys?: (offered: OfferedKeys, store: Trust['store']) => Promise<void>;
  /** The command that unpacks a layer in a process of its own (`tsrkt unpack-layer`); without it this process does. */
  readonly unpackCommand?: FetchOptions['unpackCommand'];
  /** What servers are told that we are. */
  readonly userAgent?: string;
  /** For people. The text may hold anything: make it safe before it is printed. */
  readonly onNotice?: (notice: string) => void;
  /** For people who want more. */
  readonly onDetail?: (detail: string) => void;
  readonly onWarning?: (warning: string) => void;
  /** Bytes that have come of so many. */
  readonly onProgress?: (what: string, done: number, total: number | undefined) => void;
}

/** The configuration directories of an engine. */
export interface ConfigDirectories {
  readonly systemConfig: string;
  readonly localConfig: string;
  readonly userConfig: string | undefined;
}

export function configDirectories({
  systemConfig = '/usr/lib/tsrkt',
  localConfig = '/etc/tsrkt',
  userConfig,
}: EngineOptions): ConfigDirectories {
  return { systemConfig, localConfig, userConfig };
}

const nothing = () => {};

/** How such an engine fetches. */
export function engineFetchOptions(options: EngineOptions, pullPolicy: PullPolicy): FetchOptions {
  const { onNotice = nothing, onDetail = nothing, onWarning = nothing, onProgress = nothing } = options;
  const insecure = new Set(options.insecure);
  const directories = configDirectories(options);
  let opened: Trust | undefined;
  const trust = () => {
    opened ??= openTrust(directories);
    return opened;
  };
  return {
    host: hostPlatform(),
    pullPolicy,
    insecureImage: insecure.has('image'),
    trust,
    http: httpOptions(options, insecure.has('tls'), insecure.has('http')),
    keyDiscovery: keyDiscovery(options, insecure, trust),
    registries: registryOptions(directories),
    unpackCommand: options.unpackCommand,
    notes: { notice: onNotice, detail: onDetail, warning: onWarning, progress: onProgress },
  };
}

function httpOptions(
  { userAgent = 'tsrkt' }: EngineOptions,
  insecureTls: boolean,
  allowHttp: boolean,
): HttpOptions {
  return { userAgent, insecureTls, allowHttp };
}

/** Keys are not taken from unverified servers, unless `pubkey` says so, too. */
function keyDiscovery(
  options: EngineOptions,
  insecure: ReadonlySet<InsecureOption>,
  trust: () => Trust,
): FetchOptions['keyDiscovery'] {
  const { considerKeys } = options;
  const isInsecure = insecure.has('pubkey');
  if (considerKeys === undefined || (insecure.has('tls') && !isInsecure)) return undefined;
  return {
    http: httpOptions(options, insecure.has('tls') && isInsecure, insecure.has('http') && isInsecure),
    consider: (offered) => considerKeys(offered, trust().store),
  };
}

/** The stage1 that the configuration chooses. */
export function engineStage1(options: EngineOptions): Stage1Choice {
  const { systemConfig, localConfig, userConfig } = configDirectories(options);
  const directories = [systemConfig, localConfig, ...(userConfig === undefined ? [] : [userConfig])];
  return chooseStage1({}, () => stage1Defaults(directories));
}
