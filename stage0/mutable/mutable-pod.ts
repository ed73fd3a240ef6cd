import { join } from 'node:path';
import { lock } from '../../linux/lock.ts';
import { decodeJson } from '../../schema/json.ts';
import { type PodNetwork, podNetwork, type Runtime } from '../../schema/pod-files.ts';
import type { PodManifest } from '../../schema/pod-manifest.ts';
import { type RuntimeConfig, runtimeConfig } from '../../schema/runtime-config.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { NotRunningError, openRunningPod } from '../enter/running-app.ts';
import type { Pod } from '../pod/open.ts';
import { readPodManifest, readRuntime } from '../pod/read.ts';
import { readPodFile } from '../pod/read-file.ts';
import { isPaused } from '../processes/pause.ts';

/** A pod whose apps cannot be changed, or not so. */
export class MutableError extends Error {
  readonly code = 'ERR_MUTABLE';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** Opens a pod that runs and whose apps may change. Dispose of it. */
export function openMutablePod(dataDirectory: string, uuid: Uuid): Pod {
  const pod = openRunningPod(dataDirectory, uuid);
  try {
    refuse(pod);
    return pod;
  } catch (error) {
    pod[Symbol.dispose]();
    throw error;
  }
}

function refuse(pod: Pod): void {
  const what = `pod ${JSON.stringify(pod.uuid)}`;
  if (readPodFile(join(pod.files, 'supervisor-status'))?.trim() !== 'ready')
    throw new NotRunningError(`supervisor for ${what} is not yet ready`);
  if (readRuntime(pod)?.mutable === undefined)
    throw new MutableError(`${what} is immutable: its apps are those it was made of`, MAKE_A_SANDBOX);
  if (isPaused(pod.files)) throw new MutableError(`${what} is paused`, `tsrkt resume ${pod.uuid}`);
}

const MAKE_A_SANDBOX = 'tsrkt app sandbox makes pods whose apps can change';

/** One change of a pod's apps at a time, or one start of an app: whoever has begun is waited for. */
export function lockApps({ files }: Pod): Disposable {
  return lock(join(files, 'apps'), 'exclusive');
}

/** What the directory of a pod that runs says of it. */
export interface PodOnDisk {
  readonly manifest: PodManifest;
  readonly runtime: Runtime;
  readonly sandbox: RuntimeConfig;
  readonly network: PodNetwork;
}

/** Reads it; its apps change only while {@link lockApps} is held. */
export function readPodOnDisk(pod: Pod): PodOnDisk {
  const manifest = readPodManifest(pod);
  const runtime = readRuntime(pod);
  if (manifest === undefined || runtime === undefined)
    throw new MutableError(`pod ${JSON.stringify(pod.uuid)} is not whole`);
  return {
    manifest,
    runtime,
    sandbox: decodeJson(contentOf(pod, 'sandbox.json'), runtimeConfig, { what: 'sandbox.json' }),
    network: decodeJson(contentOf(pod, 'network.json'), podNetwork, { what: 'network.json' }),
  };
}

function contentOf({ files }: Pod, name: string): string {
  return readPodFile(join(files, name)) ?? '';
}
