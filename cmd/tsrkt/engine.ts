import { dirname } from 'node:path';
import { type Engine, type EngineOptions, openEngine } from '../../stage0/api.ts';
import { tell } from '../output.ts';
import { openProgress } from '../progress.ts';
import { safeText } from '../safe-text.ts';
import type { Globals } from './globals.ts';
import { unpackCommand } from './unpack-layer.ts';
import { VERSION } from './version-number.ts';

/** The engine that the global flags describe, as a program would open it; it tells people what happens on stderr. */
export function engineOf(command: string, globals: Globals): Engine {
  return openEngine(engineOptions(command, globals));
}

export function engineOptions(command: string, globals: Globals): EngineOptions {
  const { dataDirectory, systemConfig, localConfig, userConfig, insecure } = globals;
  return {
    dataDirectory,
    programs: dirname(process.execPath),
    systemConfig,
    localConfig,
    userConfig,
    insecure,
    considerKeys: considerer(globals),
    unpackCommand: unpackCommand(),
    userAgent: `tsrkt/${VERSION}`,
    ...listeners(command, globals),
  };
}

function considerer({ trustKeysFromHttps }: Globals): NonNullable<EngineOptions['considerKeys']> {
  return async ({ prefix, url, keys }, store) => {
    const { reviewKeys } = await import('./review-keys.ts');
    const isAccepted = trustKeysFromHttps && url.protocol === 'https:';
    const found = { prefix, location: url.href, keys, review: isAccepted ? 'skip' : 'ask' } as const;
    await reviewKeys(store, found, tell);
  };
}

type Listeners = 'onNotice' | 'onDetail' | 'onWarning' | 'onProgress';

function listeners(
  command: string,
  { debug, progress: isWanted }: Globals,
): Required<Pick<EngineOptions, Listeners>> {
  const progress = openProgress(isWanted);
  const say = (text: string) => {
    progress.interrupt();
    tell(`${command}: ${safeText(text)}`);
  };
  return {
    onNotice: say,
    onDetail: (text) => {
      if (debug) say(text);
    },
    onWarning: (text) => say(`warning: ${text}`),
    onProgress: (what, done, total) => progress.show(safeText(what), done, total),
  };
}
