import type { KeyDiscovery } from '../../image/fetch/offer-keys.ts';
import type { FetchNotes, FetchOptions, PullPolicy } from '../../image/fetch/options.ts';
import type { HttpOptions } from '../../image/http.ts';
import { hostPlatform } from '../../stage0/prepare/platform.ts';
import type { Trust } from '../../trust/evaluate.ts';
import { openTrust } from '../../trust/open-trust.ts';
import { tell } from '../output.ts';
import { openProgress } from '../progress.ts';
import { safeText } from '../safe-text.ts';
import type { Globals } from './globals.ts';
import { registryOptions } from './registry-options.ts';
import { unpackCommand } from './unpack-layer.ts';
import { VERSION } from './version-number.ts';

/** How a command fetches images: as the global flags say, telling people what happens on stderr. */
export function fetchOptions(command: string, globals: Globals, pullPolicy: PullPolicy): FetchOptions {
  const { insecure } = globals;
  const http = httpOptions(insecure.has('tls'), insecure.has('http'));
  let opened: Trust | undefined;
  const trust = () => {
    opened ??= openTrust(globals);
    return opened;
  };
  return {
    host: hostPlatform(),
    pullPolicy,
    insecureImage: insecure.has('image'),
    trust,
    http,
    keyDiscovery: keyDiscovery(globals, trust),
    registries: registryOptions(globals),
    unpackCommand: unpackCommand(),
    notes: fetchNotes(command, globals),
  };
}

export function httpOptions(insecureTls: boolean, allowHttp: boolean): HttpOptions {
  return { userAgent: `tsrkt/${VERSION}`, insecureTls, allowHttp };
}

/** Keys are not taken from unverified servers, unless `--insecure-options=pubkey` says so, too. */
function keyDiscovery(globals: Globals, trust: () => Trust): KeyDiscovery | undefined {
  const { insecure, trustKeysFromHttps } = globals;
  const isInsecure = insecure.has('pubkey');
  if (insecure.has('tls') && !isInsecure) return undefined;
  return {
    http: httpOptions(insecure.has('tls') && isInsecure, insecure.has('http') && isInsecure),
    async consider({ prefix, url, keys }) {
      const { reviewKeys } = await import('./review-keys.ts');
      const isAccepted = trustKeysFromHttps && url.protocol === 'https:';
      const found = { prefix, location: url.href, keys, review: isAccepted ? 'skip' : 'ask' } as const;
      await reviewKeys(trust().store, found, tell);
    },
  };
}

function fetchNotes(command: string, { debug, progress: isWanted }: Globals): FetchNotes {
  const progress = openProgress(isWanted);
  const say = (text: string) => {
    progress.interrupt();
    tell(`${command}: ${safeText(text)}`);
  };
  return {
    notice: say,
    detail: (text) => {
      if (debug) say(text);
    },
    warning: (text) => say(`warning: ${text}`),
    progress: (what, done, total) => progress.show(safeText(what), done, total),
  };
}
