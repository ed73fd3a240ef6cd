import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseTicks, statusField } from '../../linux/process-status.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { openRunningPod } from '../enter/running-app.ts';
import { readPid, readPodManifest } from '../pod/read.ts';
import { readPodFile } from '../pod/read-file.ts';

/** A process of a pod. */
export interface PodProcess {
  /** On the host. */
  readonly pid: number;
  /** In the pod. */
  readonly podPid: number;
  /** Undefined: none of the apps', the pod's first process for one. */
  readonly app: string | undefined;
  /** Its user, as the host counts users. */
  readonly uid: number;
  /** R, S, D, T … as in ps(1). */
  readonly state: string;
  /** Memory that is resident, in bytes. */
  readonly rss: number;
  /** Time on processors, in hundredths of a second. */
  readonly cpuTicks: number;
  readonly command: string;
}

/** The processes of a running pod, by their pids. An app's are those that see its files. */
export function podProcesses(dataDirectory: string, uuid: Uuid): readonly PodProcess[] {
  using pod = openRunningPod(dataDirectory, uuid);
  const pause = readPid(pod, 'pid');
  const namespace = pause === undefined ? undefined : namespaceOf(pause, 'pid');
  if (namespace === undefined) return [];
  const apps = new Map<bigint, string>();
  for (const { name } of readPodManifest(pod)?.apps ?? []) {
    const pid = Number(readPodFile(join(pod.files, 'status', `${name}-started`)));
    const mounts = pid > 0 ? namespaceOf(pid, 'mnt') : undefined;
    if (mounts !== undefined) apps.set(mounts, name);
  }
  return allPids()
    .filter((pid) => namespaceOf(pid, 'pid') === namespace)
    .flatMap((pid) => readProcess(pid, apps) ?? []);
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}

function namespaceOf(pid: number, name: string): bigint | undefined {
  return attempt(() => statSync(`/proc/${pid}/ns/${name}`, { bigint: true }).ino);
}

function readProcess(pid: number, apps: ReadonlyMap<bigint, string>): PodProcess | undefined {
  const mounts = namespaceOf(pid, 'mnt');
  return attempt(() => {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return {
      pid,
      podPid: Number(statusField(status, 'NSpid')?.split('\t').at(-1)),
      app: mounts === undefined ? undefined : apps.get(mounts),
      uid: Number(statusField(status, 'Uid')?.split('\t')[0]),
      state: statusField(status, 'State')?.[0] ?? '?',
      rss: 1024 * Number.parseInt(statusField(status, 'VmRSS') ?? '0', 10),
      cpuTicks: parseTicks(readFileSync(`/proc/${pid}/stat`, 'latin1')),
      command: command === '' ? `[${statusField(status, 'Name') ?? ''}]` : command,
    };
  });
}

/** Undefined for what has ended meanwhile, and for what is somebody else's. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}
