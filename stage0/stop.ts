import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { openPidFd, signalProcess } from '../linux/pidfd.ts';
import { hasCode } from '../linux/system-error.ts';
import type { Uuid } from '../schema/uuid.ts';
import { openPod, type Pod } from './pod/open.ts';
import { readPid } from './pod/read.ts';
import { isPaused, resumePod } from './processes/pause.ts';

/** A pod that cannot be stopped. */
export class StopError extends Error {
  readonly code = 'ERR_STOP';
}

/**
 * Sends the pod's supervisor SIGTERM, which it hands on to the apps, or with `force` SIGKILL, which ends the pod at once.
 * Returns without waiting for the end.
 */
export async function stopPod(
  dataDirectory: string,
  uuid: Uuid,
  { force }: { readonly force: boolean },
): Promise<'stopped' | 'already stopped'> {
  const { SIGKILL, SIGTERM } = constants.signals;
  for (let tries = 0; tries < TRIES; tries++) {
    const outcome = tryToStop(dataDirectory, uuid, force ? SIGKILL : SIGTERM);
    if (outcome !== 'not yet') return outcome;
    await setTimeout(POLL_MS);
  }
  throw new StopError(`pod ${JSON.stringify(uuid)} does not say which process supervises it`);
}

const POLL_MS = 50;
const TRIES = 100;

function tryToStop(dataDirectory: string, uuid: Uuid, signal: number) {
  using pod = openPod(dataDirectory, uuid, 'shared');
  if (pod === undefined || isAfterRun(pod)) return 'already stopped';
  if (pod.state !== 'running') throw new StopError(`pod ${JSON.stringify(uuid)} is not running`);
  return signalSupervisor(pod, dataDirectory, signal) ? 'stopped' : 'not yet';
}

function isAfterRun({ state }: Pod): boolean {
  return ['exited', 'exited deleting', 'exited garbage', 'deleting', 'garbage'].includes(state);
}

/**
 * False: not yet possible, try again. The supervisor holds the pod's lock for all its life. So when the lock is still held
 * after its pid was opened, that pid was the supervisor's, and not one given to somebody else since.
 */
function signalSupervisor(pod: Pod, dataDirectory: string, signal: number): boolean {
  const pid = readPid(pod, 'ppid');
  if (pid === undefined) return false;
  try {
    using supervisor = openPidFd(pid);
    using again = openPod(dataDirectory, pod.uuid, 'shared');
    if (again?.state !== 'running') return false;
    signalProcess(supervisor, signal);
    if (isPaused(pod.files)) resumePod(dataDirectory, pod.uuid); // what is frozen cannot end
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}
