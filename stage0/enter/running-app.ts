import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openPidFd, type PidFd } from '../../linux/pidfd.ts';
import { parentOf } from '../../linux/process-status.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { AcName } from '../../schema/ac-name.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { podPath } from '../pod/directory.ts';
import { openPod, type Pod } from '../pod/open.ts';
import { readPid, readPodManifest, readRuntime } from '../pod/read.ts';
import { readPodFile } from '../pod/read-file.ts';
import { chooseApp } from './choose-app.ts';

/** A pod or an app that does not run. */
export class NotRunningError extends Error {
  readonly code = 'ERR_NOT_RUNNING';
}

/** The first process of an app that runs, held by a pidfd: whatever is done by way of it is done to this app or fails. */
export interface RunningApp extends Disposable {
  readonly uuid: Uuid;
  readonly name: AcName;
  /** Its pid here. As long as `process` has not ended, it is this process's. */
  readonly pid: number;
  readonly process: PidFd;
  /** The pid of its parent, the pod's supervisor. */
  readonly supervisor: number;
  /** The pod's directory. */
  readonly directory: string;
  /** The stage1 that runs the pod. */
  readonly stage1: string;
}

/** Opens the first process of an app of a running pod; waits while the pod is only about to run. */
export async function openRunningApp(
  dataDirectory: string,
  uuid: Uuid,
  wanted: string | undefined,
): Promise<RunningApp> {
  for (let tries = 0; tries < TRIES; tries++) {
    const app = tryToOpen(dataDirectory, uuid, wanted);
    if (app !== undefined) return app;
    await setTimeout(POLL_MS);
  }
  throw new NotRunningError(`supervisor for pod ${JSON.stringify(uuid)} is not yet ready`);
}

const POLL_MS = 50;
const TRIES = 100;

function tryToOpen(dataDirectory: string, uuid: Uuid, wanted: string | undefined): RunningApp | undefined {
  using pod = openRunningPod(dataDirectory, uuid);
  const name = chooseApp(
    (readPodManifest(pod)?.apps ?? []).map((app) => app.name),
    wanted,
  );
  if (readPodFile(join(pod.files, 'status', name)) !== undefined)
    throw new NotRunningError(`app ${JSON.stringify(name)} of pod ${JSON.stringify(uuid)} has exited`);
  const pid = appPid(pod, name);
  if (pid === undefined && isMutable(pod))
    throw new NotRunningError(
      `app ${JSON.stringify(name)} of pod ${JSON.stringify(uuid)} has not been started`,
    );
  const process = pid === undefined ? undefined : openPatiently(pid);
  if (pid === undefined || process === undefined) return undefined;
  const stage1 = (readPodFile(join(pod.files, 'stage1')) ?? '').trim();
  const supervisor = readPid(pod, 'ppid') ?? 0;
  const app = {
    uuid,
    name,
    pid,
    process,
    supervisor,
    stage1,
    directory: podPath(dataDirectory, 'run', uuid),
  };
  if (isStill(app, pod, dataDirectory)) return { ...app, [Symbol.dispose]: () => process[Symbol.dispose]() };
  process[Symbol.dispose]();
  return undefined;
}

/** A pod that runs, its lock held by its supervisor. */
export function openRunningPod(dataDirectory: string, uuid: Uuid): Pod {
  const pod = openPod(dataDirectory, uuid, 'shared');
  if (pod?.state === 'running') return pod;
  pod?.[Symbol.dispose]();
  throw new NotRunningError(`pod ${JSON.stringify(uuid)} isn't currently running`);
}

/** Nobody but who asks for it starts an app there; elsewhere the supervisor is about to. */
function isMutable(pod: Pod): boolean {
  return readRuntime(pod)?.mutable !== undefined;
}

/** The supervisor writes it when it has started the app. */
function appPid(pod: Pod, name: AcName): number | undefined {
  const text = readPodFile(join(pod.files, 'status', `${name}-started`))?.trim() ?? '';
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}

function openPatiently(pid: number): PidFd | undefined {
  try {
    return openPidFd(pid);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/**
 * Whether the process we hold is the app's. The kernel may have given its pid away before we held it; but the supervisor
 * runs (it holds the lock), only its children are apps, and it says which pid is which app's before it starts another. In a
 * pod of flavor fly the app itself is what stands for a supervisor.
 */
function isStill(
  { pid, supervisor, name, uuid }: Omit<RunningApp, keyof Disposable>,
  pod: Pod,
  dataDirectory: string,
) {
  try {
    const isApp = pid === supervisor || parentOf(pid) === supervisor;
    using again = openPod(dataDirectory, uuid, 'shared');
    return isApp && again?.state === 'running' && appPid(pod, name) === pid;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}
