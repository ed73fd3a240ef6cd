import { setTimeout } from 'node:timers/promises';
import type { Uuid } from '../schema/uuid.ts';
import { PodNotFoundError } from './pod/find.ts';
import type { PodInfo } from './pod/info.ts';
import { openPod } from './pod/open.ts';
import { readPod } from './pod/read.ts';

/** A wait that ended without what was waited for. */
export class WaitError extends Error {
  readonly code = 'ERR_WAIT';
}

/** What can be read of one pod. */
export function podStatus(dataDirectory: string, uuid: Uuid): PodInfo {
  using pod = openPod(dataDirectory, uuid, 'shared');
  if (pod === undefined) throw new PodNotFoundError(`no matches found for ${JSON.stringify(uuid)}`);
  return readPod(pod);
}

/** Waits until the pod has ended; `limitMs` may be Infinity. */
export function waitUntilExited(dataDirectory: string, uuid: Uuid, limitMs: number): Promise<PodInfo> {
  return waitFor(dataDirectory, uuid, limitMs, 'to finish', isFinished);
}

/** Waits until every app of the pod was started. */
export async function waitUntilReady(dataDirectory: string, uuid: Uuid, limitMs: number): Promise<PodInfo> {
  const isDecided = (pod: PodInfo) => isFinished(pod) || (pod.state === 'running' && pod.isReady);
  const pod = await waitFor(dataDirectory, uuid, limitMs, 'to be ready', isDecided);
  if (isFinished(pod)) throw new WaitError(`pod ${JSON.stringify(uuid)} ended before it was ready`);
  return pod;
}

const POLL_MS = 50;

async function waitFor(
  dataDirectory: string,
  uuid: Uuid,
  limitMs: number,
  what: string,
  isDone: (pod: PodInfo) => boolean,
): Promise<PodInfo> {
  const end = performance.now() + limitMs;
  for (;;) {
    const pod = podStatus(dataDirectory, uuid);
    if (isDone(pod)) return pod;
    const left = end - performance.now();
    if (left <= 0) throw new WaitError(`timed out waiting for pod ${JSON.stringify(uuid)} ${what}`);
    await setTimeout(Math.min(POLL_MS, left));
  }
}

function isFinished({ state }: PodInfo): boolean {
  return !['embryo', 'preparing', 'prepared', 'running'].includes(state);
}
