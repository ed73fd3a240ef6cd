import { join } from 'node:path';
import { annotationValue } from '../../schema/annotation.ts';
import { decodeJson } from '../../schema/json.ts';
import { labelValue } from '../../schema/label.ts';
import { type NetInfo, netInfo, podNetwork, type Runtime, runtime } from '../../schema/pod-files.ts';
import {
  type PodManifest,
  podManifest,
  type RuntimeApp,
  type RuntimeImage,
} from '../../schema/pod-manifest.ts';
import type { PortMapping } from '../network/map-ports.ts';
import { UNVERIFIED } from '../trust/app-trust.ts';
import { forwardedPorts } from './forwarded-ports.ts';
import type { AppInfo, AppState, PodInfo } from './info.ts';
import type { Pod } from './open.ts';
import { modifiedAt, readPodFile } from './read-file.ts';
import type { PodState } from './state.ts';

/** Reads all that can be read of a pod. Never fails: what is broken goes into `problems`. */
export function readPod(pod: Pod): PodInfo {
  const problems: Error[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  };
  const manifest = attempt(() => readPodManifest(pod));
  const hasRun = pod.directory === 'run' || pod.directory === 'exited-garbage';
  return {
    uuid: pod.uuid,
    state: pod.state,
    createdAt: attempt(() => modifiedAt(join(pod.files, 'pod-created'))),
    startedAt: attempt(() => modifiedAt(join(pod.files, 'pid'))),
    apps: (manifest?.apps ?? []).flatMap((app) => attempt(() => readApp(pod, app)) ?? []),
    networks: (hasRun ? attempt(() => readNetInfo(pod)) : undefined) ?? [],
    ports: (hasRun ? attempt(() => readPorts(pod)) : undefined) ?? [],
    pid: attempt(() => readPid(pod, 'pid')),
    isReady: attempt(() => readPodFile(join(pod.files, 'supervisor-status')))?.trim() === 'ready',
    userAnnotations: manifest?.userAnnotations ?? {},
    userLabels: manifest?.userLabels ?? {},
    problems,
  };
}

/** The appc pod manifest; throws when it is missing or broken. A pod that is being prepared may not have it yet. */
export function readPodManifest(pod: Pod): PodManifest | undefined {
  const text = readPodFile(join(pod.files, 'pod'));
  if (text === undefined && pod.directory === 'prepare') return undefined;
  return decodeJson(text ?? '', podManifest, { what: `manifest of pod ${JSON.stringify(pod.uuid)}` });
}

/** How the pod is run; undefined: it was not yet. */
export function readRuntime(pod: Pod): Runtime | undefined {
  const text = readPodFile(join(pod.files, 'runtime.json'));
  const what = `runtime.json of pod ${JSON.stringify(pod.uuid)}`;
  return text === undefined ? undefined : decodeJson(text, runtime, { what });
}

/** The pid in the pod's file `pid` (its pause process) or `ppid` (its supervisor). */
export function readPid(pod: Pod, name: 'pid' | 'ppid'): number | undefined {
  const text = readPodFile(join(pod.files, name))?.trim();
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}

function readNetInfo(pod: Pod): NetInfo {
  const text = readPodFile(join(pod.files, 'net-info.json'));
  if (text === undefined) return [];
  return decodeJson(text, netInfo, { what: `net-info.json of pod ${JSON.stringify(pod.uuid)}` });
}

function readPorts(pod: Pod): readonly PortMapping[] {
  const text = readPodFile(join(pod.files, 'network.json'));
  if (text === undefined) return [];
  return forwardedPorts(
    decodeJson(text, podNetwork, { what: `network.json of pod ${JSON.stringify(pod.uuid)}` }),
  );
}

function readApp(pod: Pod, { name, image, app, annotations = [] }: RuntimeApp): AppInfo {
  const status = join(pod.files, 'status', name);
  const exitCode = parseStatus(readPodFile(status));
  const startedAt = modifiedAt(`${status}-started`);
  return {
    name,
    state: appState(pod.state, exitCode, startedAt !== undefined),
    imageId: image.id,
    imageName: imageName(image),
    unverified: annotationValue(annotations, UNVERIFIED),
    createdAt: modifiedAt(`${status}-created`),
    startedAt,
    finishedAt: exitCode === undefined ? undefined : modifiedAt(status),
    exitCode,
    userAnnotations: app?.userAnnotations ?? {},
    userLabels: app?.userLabels ?? {},
  };
}

/** An app of a pod that ended without a status, because it was killed, is in a state nobody knows. */
function appState(pod: PodState, exitCode: number | undefined, isStarted: boolean): AppState {
  if (exitCode !== undefined) return 'exited';
  if (pod === 'running') return isStarted ? 'running' : 'created';
  return pod === 'prepared' ? 'created' : 'unknown';
}

function parseStatus(text: string | undefined): number | undefined {
  const digits = text?.trim() ?? '';
  return /^\d{1,3}$/.test(digits) ? Number(digits) : undefined;
}

function imageName({ name, labels = [] }: RuntimeImage): string | undefined {
  const version = labelValue(labels, 'version');
  return name === undefined || version === undefined ? name : `${name}:${version}`;
}
