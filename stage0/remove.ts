import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../linux/durable-file.ts';
import { unmountBelow } from '../linux/mount-table.ts';
import { removeTree } from '../linux/remove-tree.ts';
import type { Uuid } from '../schema/uuid.ts';
import { podPath } from './pod/directory.ts';
import { movePod } from './pod/move.ts';
import { openPod, type Pod } from './pod/open.ts';
import { readPodFile } from './pod/read-file.ts';
import { whyNotOurs } from './stage1/executable.ts';

/** A pod that cannot be removed. */
export class RemoveError extends Error {
  readonly code = 'ERR_REMOVE';
}

export interface RemoveContext {
  readonly dataDirectory: string;
  /** Remove the pod also when stage1 could not tear down what is left of it. */
  readonly force: boolean;
  readonly onProblem: (problem: string) => void;
}

/** Removes a pod that does not run, whatever is left of it (`rm`). */
export function removePod(uuid: Uuid, context: RemoveContext): void {
  using pod = openPod(context.dataDirectory, uuid, 'exclusive');
  if (pod === undefined) return;
  if (pod.lock === undefined) throw new RemoveError(`pod ${JSON.stringify(uuid)} is ${whileLocked(pod)}`);
  destroyPod(pod, context);
}

function whileLocked({ state }: Pod): string {
  if (state === 'running') return 'currently running';
  return state === 'preparing' ? 'currently being prepared' : 'currently used by another process';
}

/**
 * Throws a pod away whose lock is ours: to `garbage`, where `gc` finishes what is interrupted; then what stage1 set up on the
 * host; then mounts a crash may have left; then the files.
 */
export function destroyPod(pod: Pod, context: RemoveContext): void {
  const { dataDirectory } = context;
  const garbage = pod.directory === 'garbage' ? pod : movePod(dataDirectory, pod, 'garbage');
  const path = realpathSync(podPath(dataDirectory, 'garbage', pod.uuid));
  tearDown(garbage, path, context);
  unmountBelow(path);
  removeTree(path);
  syncDirectory(join(dataDirectory, 'pods/garbage'));
}

/** Removes a pod that never ran, after a failure that is going to be reported; what cannot be removed is left to `gc`. */
export function discardPod(pod: Pod, dataDirectory: string): void {
  try {
    movePod(dataDirectory, pod, 'garbage');
    removeTree(podPath(dataDirectory, 'garbage', pod.uuid));
  } catch {
    // the failure that led here says what is wrong
  }
}

/** Only a pod that was run has anything on the host to tear down; the stage1 that ran it knows how. */
function tearDown({ uuid }: Pod, path: string, { force, onProblem }: RemoveContext): void {
  const stage1 = readPodFile(join(path, 'stage1'))?.trim();
  if (stage1 === undefined || stage1 === '') return; // empty: a crash of the machine came before it was on the disk
  const why = askToTearDown(stage1, uuid, path);
  if (why === undefined) return;
  const problem = `tear down what pod ${JSON.stringify(uuid)} left on this machine: ${stage1} gc: ${why}`;
  if (!force) throw new RemoveError(problem);
  onProblem(problem);
}

/** Undefined: it has. It was looked at when it ran the pod; since then somebody may have put another executable there. */
function askToTearDown(stage1: string, uuid: Uuid, path: string): string | undefined {
  const problem = whyNotOurs(stage1);
  if (problem !== undefined) return problem;
  const { status, error } = spawnSync(stage1, ['gc', uuid], { cwd: path, stdio: ['ignore', 2, 2] });
  if (status === 0) return undefined;
  return error?.message ?? (status === null ? 'it was killed' : `exit status ${status}`);
}
