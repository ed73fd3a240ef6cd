import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FetchOptions, PullPolicy } from '../../image/fetch/options.ts';
import { openTrust } from '../../trust/open-trust.ts';
import { hostPlatform } from '../prepare/platform.ts';
import { chooseStage1, type Stage1Choice } from '../stage1/choice.ts';
import { stage1Defaults } from '../stage1/configured.ts';

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
  /** Take images that nobody vouches for. */
  readonly insecureImage?: boolean;
  readonly onWarning?: (warning: string) => void;
  readonly onProgress?: (what: string, done: number, total: number | undefined) => void;
}

/** How such an engine fetches: keys are never taken from the network unseen. */
export function engineFetchOptions(options: EngineOptions, pullPolicy: PullPolicy): FetchOptions {
  const { systemConfig = '/usr/lib/tsrkt', localConfig = '/etc/tsrkt', dataDirectory } = options;
  const { insecureImage = false, onWarning = () => {}, onProgress = () => {} } = options;
  return {
    host: hostPlatform(),
    pullPolicy,
    insecureImage,
    trust: () => openTrust({ systemConfig, localConfig }),
    http: { userAgent: 'tsrkt', insecureTls: false, allowHttp: false },
    keyDiscovery: undefined,
    registries: {
      configDirectories: [systemConfig, localConfig],
      lookasideDirectory: join(localConfig, 'registries.d'),
      defaultLookaside: pathToFileURL(join(dataDirectory, 'sigstore')),
      env: process.env,
    },
    notes: { notice: () => {}, detail: () => {}, warning: onWarning, progress: onProgress },
  };
}

/** The stage1 that the configuration chooses. */
export function engineStage1(options: EngineOptions): Stage1Choice {
  const { systemConfig = '/usr/lib/tsrkt', localConfig = '/etc/tsrkt' } = options;
  return chooseStage1({}, () => stage1Defaults([systemConfig, localConfig]));
}
