import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openPidFd, signalProcess } from '../../linux/pidfd.ts';
import { hasCode } from '../../linux/system-error.ts';
import { absolutePath } from '../../schema/c-string.ts';
import { array, object } from '../../schema/decode.ts';
import { decodeJson } from '../../schema/json.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { openRunningPod } from '../enter/running-app.ts';
import { readPodFile } from '../pod/read-file.ts';
import { type PodProcess, podProcesses } from './pod-processes.ts';

const { SIGSTOP, SIGCONT } = constants.signals;

/** A pod that cannot be stopped for a while. */
export class PauseError extends Error {
  readonly code = 'ERR_PAUSE';
}

/** How a pod was paused: by the kernel's freezer for its cgroups, or by SIGSTOP, which the apps' parents can see. */
export type PauseMethod = 'freezer' | 'signals';

/**
 * Lets nothing of a pod run until it is resumed. All its processes must be in cgroups of its own for the freezer (cgroups(7),
 * freezer of v1, cgroup.freeze of v2); where the pod has none every process gets SIGSTOP.
 */
export async function pausePod(dataDirectory: string, uuid: Uuid): Promise<PauseMethod> {
  using pod = openRunningPod(dataDirectory, uuid);
  const freezers = freezersOf(pod.files);
  if (freezers.length > 0) {
    await Promise.all(freezers.map((freezer) => freeze(freezer, uuid)));
    return 'freezer';
  }
  writeFileSync(join(pod.files, STOPPED), '');
  stopAll(dataDirectory, uuid);
  return 'signals';
}

/** Lets it go on. Nothing happens to a pod that is not paused. */
export function resumePod(dataDirectory: string, uuid: Uuid): void {
  using pod = openRunningPod(dataDirectory, uuid);
  for (const { file, thawed } of freezersOf(pod.files)) writeFileSync(file, thawed);
  if (!existsSync(join(pod.files, STOPPED))) return;
  for (const process of appProcesses(dataDirectory, uuid)) signal(process.pid, SIGCONT);
  rmSync(join(pod.files, STOPPED), { force: true });
}

/** Whether a pod was paused and not resumed since. */
export function isPaused(files: string): boolean {
  return existsSync(join(files, STOPPED)) || freezersOf(files).some((freezer) => !isThawed(freezer));
}

/** In the pod's directory while its processes are stopped by signals. */
const STOPPED = 'stopped';

interface Freezer {
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  /** Where it says, by `isFrozen`, that all are. */
  readonly state: string;
  readonly isFrozen: RegExp;
}

const record = array(object({ join: array(absolutePath) }));

/** What the supervisor wrote down of the pod's cgroups. */
function freezersOf(files: string): readonly Freezer[] {
  const text = readPodFile(join(files, 'cgroups.json'));
  if (text === undefined) return [];
  const directories = decodeJson(text, record, { what: 'cgroups.json' }).flatMap((cgroup) => cgroup.join);
  return [...new Set(directories)].flatMap(freezerAt);
}

function freezerAt(directory: string): readonly Freezer[] {
  const v2 = join(directory, 'cgroup.freeze');
  const v1 = join(directory, 'freezer.state');
  const events = join(directory, 'cgroup.events');
  if (existsSync(v2)) return [{ file: v2, frozen: '1', thawed: '0', state: events, isFrozen: /^frozen 1$/m }];
  return existsSync(v1)
    ? [{ file: v1, frozen: 'FROZEN', thawed: 'THAWED', state: v1, isFrozen: /^FROZEN$/m }]
    : [];
}

function isThawed({ state, isFrozen }: Freezer): boolean {
  return !isFrozen.test(readFileSync(state, 'utf8'));
}

/** A process in the middle of a system call that cannot be interrupted takes its time. */
async function freeze(freezer: Freezer, uuid: Uuid): Promise<void> {
  writeFileSync(freezer.file, freezer.frozen);
  for (let tries = 0; tries < 100; tries++) {
    if (!isThawed(freezer)) return;
    await setTimeout(50);
  }
  writeFileSync(freezer.file, freezer.thawed);
  throw new PauseError(`pause pod ${JSON.stringify(uuid)}: a process of it does not freeze`);
}

/** Until no new ones appear: one that is not stopped yet may fork. */
function stopAll(dataDirectory: string, uuid: Uuid): void {
  const isRunning = ({ state }: PodProcess) => !['T', 't', 'Z', 'X'].includes(state);
  for (let rounds = 0; rounds < 100; rounds++) {
    const running = appProcesses(dataDirectory, uuid).filter(isRunning);
    if (running.length === 0) return;
    for (const { pid } of running) signal(pid, SIGSTOP);
  }
  throw new PauseError(
    `pause pod ${JSON.stringify(uuid)}: it makes processes faster than they can be stopped`,
  );
}

/** All but the first process of the pod, which does nothing anyway. */
function appProcesses(dataDirectory: string, uuid: Uuid): readonly PodProcess[] {
  return podProcesses(dataDirectory, uuid).filter(({ podPid }) => podPid !== 1);
}

function signal(pid: number, number: number): void {
  try {
    using process = openPidFd(pid);
    signalProcess(process, number);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
