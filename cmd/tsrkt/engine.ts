import { dirname } from 'node:path';
import { type Engine, openEngine } from '../../stage0/api.ts';
import type { Globals } from './globals.ts';

/** The engine that the global flags describe, as a program would open it. */
export function engineOf({ dataDirectory, systemConfig, localConfig }: Globals): Engine {
  return openEngine({ dataDirectory, systemConfig, localConfig, programs: dirname(process.execPath) });
}
