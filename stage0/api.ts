import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fetchImage, findStoredImage } from '../image/fetch.ts';
import { openStore } from '../image/store.ts';
import type { ImageId } from '../schema/image-id.ts';
import type { Uuid } from '../schema/uuid.ts';
import { type AppWish, appRequest } from './api/app-wish.ts';
import { type EngineOptions, engineFetchOptions, engineStage1 } from './api/engine-options.ts';
import { verifyStoredImage } from './image-verify.ts';
import { listPods } from './list.ts';
import { resolveUuid } from './pod/find.ts';
import type { PodInfo } from './pod/info.ts';
import { movePod } from './pod/move.ts';
import { hostPlatform } from './prepare/platform.ts';
import { preparePod } from './prepare/prepare.ts';
import { removePod } from './remove.ts';
import { podStatus, waitUntilExited } from './status.ts';
import { stopPod } from './stop.ts';

export type { AppWish } from './api/app-wish.ts';
export type { EngineOptions } from './api/engine-options.ts';
export type { AppInfo, AppState, PodInfo } from './pod/info.ts';
export type { PodState } from './pod/state.ts';
export type { ImageId, Uuid };

/** A pod that runs. Its supervisor is a child of this process, which it outlives. */
export interface RunningPod {
  readonly uuid: Uuid;
  /** The supervisor's pid. */
  readonly pid: number;
  /** The pod's exit status, 128+N for signal N: once it has ended. */
  readonly ended: Promise<number>;
}

export interface RunOptions {
  /** As `--net`; `default` if nothing is said. */
  readonly net?: string;
  /** Where the apps' output goes: to this process's own, or nowhere. */
  readonly output?: 'inherit' | 'ignore';
  /** Other flags of `tsrkt run-prepared`. */
  readonly flags?: readonly string[];
}

/**
 * The engine for programs: what the commands of tsrkt do, on one data directory. Every function throws errors with a string
 * `code` where something outside is at fault (`ERR_NOT_FOUND`, `ERR_PREPARE`, `ENOSPC` …).
 */
export interface Engine {
  /** Brings an image into the store, verified as the trust policy wants it; its ID. */
  fetch(reference: string): Promise<ImageId>;
  /** Reads an image of the store again and compares it with what it was; throws when it is damaged. */
  verify(reference: string): Promise<void>;
  /** Makes a pod of images, fetched if need be, without running it. */
  prepare(apps: readonly AppWish[]): Promise<Uuid>;
  /** Runs a prepared pod. */
  run(uuid: Uuid, options?: RunOptions): RunningPod;
  list(): readonly PodInfo[];
  /** `uuid` may be any prefix that fits one pod only. */
  status(uuid: string): PodInfo;
  /** Waits until a pod has ended, `limitMs` at most. */
  wait(uuid: string, limitMs?: number): Promise<PodInfo>;
  /** Asks a pod to stop, or kills it with `force`; returns at once. */
  stop(uuid: string, options?: { readonly force?: boolean }): Promise<void>;
  /** Removes a pod that does not run. */
  remove(uuid: string): void;
}

/** Opens an engine. Nothing is read or written before something is asked of it. */
export function openEngine(options: EngineOptions): Engine {
  const { dataDirectory, programs, onWarning: onProblem = () => {} } = options;
  const find = (text: string) => resolveUuid(dataDirectory, text);
  return {
    async fetch(reference) {
      const image = await fetchImage(
        openStore(dataDirectory),
        { reference },
        engineFetchOptions(options, 'update'),
      );
      return image.id;
    },
    async verify(reference) {
      const store = openStore(dataDirectory);
      const image = findStoredImage(store, reference, hostPlatform());
      await verifyStoredImage(image, { dataDirectory, store, onRebuild: () => {} });
    },
    prepare: (apps) => prepare(apps, options),
    run: (uuid, how = {}) => startPod(join(programs, 'tsrkt'), uuid, how, options),
    list: () => listPods(dataDirectory),
    status: (uuid) => podStatus(dataDirectory, find(uuid)),
    wait: (uuid, limitMs = Number.POSITIVE_INFINITY) => waitUntilExited(dataDirectory, find(uuid), limitMs),
    async stop(uuid, { force = false } = {}) {
      await stopPod(dataDirectory, find(uuid), { force });
    },
    remove: (uuid) => removePod(find(uuid), { dataDirectory, force: false, onProblem }),
  };
}

async function prepare(apps: readonly AppWish[], options: EngineOptions): Promise<Uuid> {
  const { dataDirectory, onWarning = () => {} } = options;
  const { pod } = await preparePod({
    dataDirectory,
    images: apps.map((app) => ({
      reference: app.image,
      signatureFile: app.signatureFile,
      request: appRequest(app),
    })),
    environment: { fromFiles: [], set: [], inherited: [] },
    ports: [],
    volumes: [],
    mounts: [],
    overlay: true,
    privateUsers: false,
    durable: true,
    fetch: engineFetchOptions(options, 'new'),
    stage1: engineStage1(options),
    allowDowngrade: false,
    onCreated: () => {},
    onWarning,
  });
  using prepared = movePod(dataDirectory, pod, 'prepared');
  return prepared.uuid;
}

/** A supervisor is a process of its own: tsrkt becomes it. */
function startPod(
  program: string,
  uuid: Uuid,
  { net = 'default', output = 'ignore', flags = [] }: RunOptions,
  { dataDirectory, insecureImage = false }: EngineOptions,
): RunningPod {
  const insecure = insecureImage ? ['--insecure-options=image'] : [];
  const args = [`--dir=${dataDirectory}`, ...insecure, 'run-prepared', `--net=${net}`, ...flags, uuid];
  const child = spawn(program, args, { stdio: ['ignore', output, output] });
  const ended = once(child, 'exit').then(([status, signal]) => status ?? 128 + signalNumber(signal));
  ended.catch(() => {}); // a program that is not there: whoever waits is told
  return { uuid, pid: child.pid ?? -1, ended };
}

function signalNumber(name: NodeJS.Signals): number {
  return constants.signals[name];
}
