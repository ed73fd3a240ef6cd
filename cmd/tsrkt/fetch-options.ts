import type { FetchOptions, PullPolicy } from '../../image/fetch/options.ts';
import type { HttpOptions } from '../../image/http.ts';
import { engineFetchOptions } from '../../stage0/api/engine-options.ts';
import { engineOptions } from './engine.ts';
import type { Globals } from './globals.ts';
import { VERSION } from './version-number.ts';

/** How a command fetches images that programs have no command for: as the global flags say. */
export function fetchOptions(command: string, globals: Globals, pullPolicy: PullPolicy): FetchOptions {
  return engineFetchOptions(engineOptions(command, globals), pullPolicy);
}

export function httpOptions(insecureTls: boolean, allowHttp: boolean): HttpOptions {
  return { userAgent: `tsrkt/${VERSION}`, insecureTls, allowHttp };
}
