import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJson } from '../schema/json.ts';
import { podNetwork } from '../schema/pod-files.ts';
import { hostProgramRunner } from './supervisor/host-program.ts';
import { disconnectPod } from './supervisor/network.ts';

export interface DeadPod {
  readonly uuid: string;
  readonly directory: string;
}

/**
 * Takes down what outlives a pod's processes: its networks' host side. May be repeated. A pod that was killed before
 * stage0 wrote how it is connected never had a network.
 */
export function collectGarbage({ uuid, directory }: DeadPod): number {
  const file = join(directory, 'network.json');
  if (!existsSync(file)) return 0;
  const network = decodeJson(readFileSync(file), podNetwork, { what: 'network.json' });
  disconnectPod({ uuid, directory, network, netns: undefined, run: hostProgramRunner(undefined) });
  return 0;
}
