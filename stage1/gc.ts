import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecodeError } from '../schema/decode-error.ts';
import { decodeJson } from '../schema/json.ts';
import { type PodNetwork, podNetwork } from '../schema/pod-files.ts';
import { removePodCgroups } from './supervisor/cgroups.ts';
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
  removePodCgroups(directory);
  const network = readNetwork(directory);
  if (network === undefined) return 0;
  disconnectPod({ uuid, directory, network, netns: undefined, run: hostProgramRunner(undefined) });
  return 0;
}

/**
 * Undefined where there is none, or where it is broken: a crash of the machine breaks it only while nothing is set up, for
 * stage0 has it on the disk before it starts us where there are networks.
 */
function readNetwork(directory: string): PodNetwork | undefined {
  const file = join(directory, 'network.json');
  if (!existsSync(file)) return undefined;
  try {
    return decodeJson(readFileSync(file), podNetwork, { what: 'network.json' });
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
