import { accessSync, constants, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execve, keepAcrossExec } from '../../linux/exec.ts';
import { keepGivenDescriptors } from '../../linux/listening-socket.ts';
import { blockSignals } from '../../linux/signal.ts';
import type { Uuid } from '../../schema/uuid.ts';
import type { Flavor } from '../flavor/flavor.ts';
import { stage1Command } from '../flavor/stage1-command.ts';
import { Stage1Error } from '../stage1/stage1-error.ts';

/** The stage1 that came with tsrkt, beside this executable: trusted as that is. Looked for before anything is made. */
export function findStage1(): string {
  const stage1 = ownStage1();
  try {
    accessSync(stage1, constants.X_OK);
  } catch (cause) {
    throw new Stage1Error(`stage1 ${JSON.stringify(stage1)} cannot be executed`, { cause });
  }
  return stage1;
}

/** Where it is. */
export function ownStage1(): string {
  return join(dirname(readlinkSync('/proc/self/exe')), 'stage1');
}

export interface PodToBecome {
  readonly uuid: Uuid;
  /** Its directory in `run`. */
  readonly path: string;
  /** The fd that holds its lock: stage1 inherits it, so the lock lives as long as the pod. */
  readonly lockFd: number;
  readonly flavor: Flavor;
}

/** Turns this process into the pod: same pid, signals blocked until stage1 listens. */
export function becomeStage1(stage1: string, { uuid, path, lockFd, flavor }: PodToBecome): never {
  process.chdir(path);
  keepAcrossExec(lockFd);
  keepGivenDescriptors();
  blockSignals();
  execve({ path: stage1, argv: ['stage1', stage1Command(flavor), uuid], env: stage1Environment(lockFd) });
}

/**
 * NODE_EXTRA_CA_CERTS would make a JavaScript runtime parse certificates that a pod has no use for: 35 ms. Without its
 * compilers JavaScriptCore takes an eighth less CPU time to start a pod, which is all that stage1 does before it sleeps.
 */
function stage1Environment(lockFd: number): readonly string[] {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const ours = { TSRKT_LOCK_FD: String(lockFd), BUN_JSC_useJIT: '0' };
  return Object.entries({ ...env, ...ours }).map(([name, value]) => `${name}=${value}`);
}
