import { setTimeout } from 'node:timers/promises';
import { listPods } from '../list.ts';
import type { PodInfo } from '../pod/info.ts';
import { type PodEvent, podEvents } from './diff.ts';

/** How soon a change is seen. Nobody is told of pods, there is no daemon: who wants to know looks. */
const POLL_MS = 250;

/** The pods now, and again whenever something of them has changed. Ends with the signal. */
export async function* watchPods(
  dataDirectory: string,
  signal?: AbortSignal,
): AsyncGenerator<readonly PodInfo[]> {
  let before: readonly PodInfo[] | undefined;
  while (!signal?.aborted) {
    const pods = listPods(dataDirectory);
    if (before === undefined || podEvents(before, pods).length > 0) yield pods;
    before = pods;
    await setTimeout(POLL_MS);
  }
}

/** What happens to pods from now on. */
export async function* watchEvents(dataDirectory: string, signal?: AbortSignal): AsyncGenerator<PodEvent> {
  let before: readonly PodInfo[] | undefined;
  for await (const pods of watchPods(dataDirectory, signal)) {
    if (before !== undefined) yield* podEvents(before, pods);
    before = pods;
  }
}
