import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { ImageRequest, PullPolicy } from '../image/fetch/options.ts';
import type { ImageId } from '../schema/image-id.ts';
import type { Uuid } from '../schema/uuid.ts';
import type { AppWish } from './api/app-wish.ts';
import type { ReviewWish } from './api/become.ts';
import type { EngineOptions } from './api/engine-options.ts';
import type { AddWish, SandboxWish } from './api/mutable.ts';
import type { Plan } from './api/plan.ts';
import type { PodWish } from './api/pod-wish.ts';
import type { RunWish } from './api/run-wish.ts';
import type { PodEvent } from './events/diff.ts';
import type { Changed } from './mutable/change-app.ts';
import { resolveUuid } from './pod/find.ts';
import type { PodInfo } from './pod/info.ts';

export type { AppWish } from './api/app-wish.ts';
export type { ReviewWish } from './api/become.ts';
export type { EngineOptions, InsecureOption } from './api/engine-options.ts';
export type { AddWish, OwnVolume, SandboxWish } from './api/mutable.ts';
export type { Plan } from './api/plan.ts';
export type { PodWish } from './api/pod-wish.ts';
export type { RunWish } from './api/run-wish.ts';
export type { PodEvent } from './events/diff.ts';
export type { Flavor } from './flavor/flavor.ts';
export type { Changed } from './mutable/change-app.ts';
export type { AppInfo, AppState, Nanoseconds, PodInfo } from './pod/info.ts';
export type { PodState } from './pod/state.ts';
export type { ImageId, ImageRequest, PullPolicy, Uuid };

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

/** What was looked at in an image of the store. */
export interface VerifiedImage {
  readonly id: ImageId;
  /** Whether its files were unpacked, and so compared too. */
  readonly isRendered: boolean;
}

/**
 * The engine for programs: what the commands of tsrkt do, on one data directory. `uuid` may be any prefix that fits one pod only.
 * Every function rejects with errors that have a string `code` where something outside is at fault (`ERR_NOT_FOUND`,
 * `ERR_PREPARE`, `ENOSPC` …).
 */
export interface Engine {
  /** Brings an image into the store, verified as the trust policy wants it; its ID. */
  fetch(image: string | ImageRequest, options?: { readonly pullPolicy?: PullPolicy }): Promise<ImageId>;
  /** Reads an image of the store again and compares it with what it was; damaged files are unpacked anew, a damaged image throws. */
  verify(reference: string, options?: { readonly onRebuild?: () => void }): Promise<VerifiedImage>;
  /** Makes a pod of images, fetched if need be, without running it. */
  prepare(apps: readonly AppWish[], pod?: PodWish): Promise<Uuid>;
  /** Runs a prepared pod, in a process of its own. */
  run(uuid: Uuid, options?: RunOptions): RunningPod;
  /** Works out what a run would do, and touches nothing. */
  plan(apps: readonly AppWish[], pod?: PodWish, how?: RunWish): Promise<Plan>;
  /** Makes a pod and has this process become its supervisor, as `tsrkt run` does: nothing of the program is left. Rejects or never settles. */
  become(apps: readonly AppWish[], pod?: PodWish, how?: RunWish): Promise<never>;
  /** The same with a prepared pod, whose images are judged anew. */
  becomePrepared(uuid: string, how?: RunWish, review?: ReviewWish): Promise<never>;
  /** Makes a pod without apps and has this process become its supervisor, as `tsrkt app sandbox` does. */
  becomeSandbox(sandbox?: SandboxWish, how?: RunWish): Promise<never>;
  /** Adds an app to such a pod, of an image of the store, without starting it; its name. */
  addApp(uuid: string, app: AppWish, more?: AddWish): Promise<string>;
  /** Starts an app of such a pod, whose image is judged anew. `app` may be left out where the pod has one. */
  startApp(uuid: string, app?: string, review?: Pick<ReviewWish, 'allowDowngrade'>): Promise<Changed>;
  /** Stops it, and waits until nothing of it runs. */
  stopApp(uuid: string, app?: string): Promise<Changed>;
  /** Stops it and removes it from the pod, with its files. */
  removeApp(uuid: string, app?: string): Promise<Changed>;
  /** All pods, by UUID. What cannot be read of one stands in its `problems`. */
  list(): Promise<readonly PodInfo[]>;
  /** All pods now, and again whenever something of them has changed; ends with the signal. */
  watch(signal?: AbortSignal): AsyncIterable<readonly PodInfo[]>;
  /** What happens to pods from now on; ends with the signal. */
  events(signal?: AbortSignal): AsyncIterable<PodEvent>;
  status(uuid: string): Promise<PodInfo>;
  /** Waits until a pod has ended, `limitMs` at most. */
  wait(uuid: string, limitMs?: number): Promise<PodInfo>;
  /** Waits until every app of a pod was started; throws when the pod ends before. */
  waitUntilReady(uuid: string, limitMs?: number): Promise<PodInfo>;
  /** Asks a pod to stop, or kills it with `force`; resolves at once. `wasRunning` is false where it had ended before. */
  stop(uuid: string, options?: { readonly force?: boolean }): Promise<StoppedPod>;
  /** Removes a pod that does not run; its UUID. */
  remove(uuid: string, options?: RemoveOptions): Promise<Uuid>;
}

export interface StoppedPod {
  readonly uuid: Uuid;
  readonly wasRunning: boolean;
}

export interface RemoveOptions {
  /** Remove it also when stage1 cannot tear down what it left on the machine, of which `onProblem` is told. */
  readonly force?: boolean;
  readonly onProblem?: (problem: string) => void;
}

/** Opens an engine. Nothing is read, written or even loaded before something is asked of it. */
export function openEngine(options: EngineOptions): Engine {
  return {
    fetch: async (image, { pullPolicy = 'update' } = {}) =>
      (await import('./api/images.ts')).fetchInto(asRequest(image), pullPolicy, options),
    verify: async (reference, { onRebuild = () => {} } = {}) =>
      (await import('./api/images.ts')).verifyIn(options.dataDirectory, reference, onRebuild),
    prepare: async (apps, pod = {}) => (await import('./api/prepare.ts')).prepareWishes(apps, pod, options),
    ...runningEngine(options),
    ...changingEngine(options),
    ...lookingEngine(options),
    ...endingEngine(options),
  };
}

function asRequest(image: string | ImageRequest): ImageRequest {
  return typeof image === 'string' ? { reference: image } : image;
}

type Running = 'run' | 'plan' | 'become' | 'becomePrepared';

function runningEngine(options: EngineOptions): Pick<Engine, Running> {
  return {
    run: (uuid, how = {}) => startPod(join(options.programs, 'tsrkt'), uuid, how, options),
    plan: async (apps, pod = {}, how = {}) =>
      (await import('./api/plan.ts')).planPod(apps, pod, how, options),
    become: async (apps, pod = {}, how = {}) =>
      (await import('./api/become.ts')).becomePod(apps, pod, how, options),
    async becomePrepared(text, how = {}, review = {}) {
      const { becomePrepared } = await import('./api/become.ts');
      return becomePrepared(resolveUuid(options.dataDirectory, text), how, review, options);
    },
  };
}

type Changing = 'becomeSandbox' | 'addApp' | 'startApp' | 'stopApp' | 'removeApp';

function changingEngine(options: EngineOptions): Pick<Engine, Changing> {
  const { dataDirectory } = options;
  const load = () => import('./api/mutable.ts');
  const which = (text: string, app: string | undefined) => ({
    dataDirectory,
    uuid: resolveUuid(dataDirectory, text),
    app,
  });
  return {
    becomeSandbox: async (sandbox = {}, how = {}) => (await load()).becomeSandbox(sandbox, how, options),
    addApp: async (text, app, more = {}) =>
      (await load()).addWish(resolveUuid(dataDirectory, text), app, more, options),
    startApp: async (text, app, { allowDowngrade = false } = {}) =>
      (await load()).startIn(which(text, app), allowDowngrade, options),
    stopApp: async (text, app) => (await load()).stopApp(which(text, app)),
    removeApp: async (text, app) => (await load()).removeApp(which(text, app)),
  };
}

type Looking = 'list' | 'watch' | 'events' | 'status' | 'wait' | 'waitUntilReady';

function lookingEngine({ dataDirectory }: EngineOptions): Pick<Engine, Looking> {
  const find = (text: string) => resolveUuid(dataDirectory, text);
  return {
    list: async () => (await import('./list.ts')).listPods(dataDirectory),
    async *watch(signal) {
      yield* (await import('./events/watch.ts')).watchPods(dataDirectory, signal);
    },
    async *events(signal) {
      yield* (await import('./events/watch.ts')).watchEvents(dataDirectory, signal);
    },
    status: async (uuid) => (await import('./status.ts')).podStatus(dataDirectory, find(uuid)),
    wait: async (uuid, limitMs = Number.POSITIVE_INFINITY) =>
      (await import('./status.ts')).waitUntilExited(dataDirectory, find(uuid), limitMs),
    waitUntilReady: async (uuid, limitMs = Number.POSITIVE_INFINITY) =>
      (await import('./status.ts')).waitUntilReady(dataDirectory, find(uuid), limitMs),
  };
}

function endingEngine({ dataDirectory }: EngineOptions): Pick<Engine, 'stop' | 'remove'> {
  return {
    async stop(text, { force = false } = {}) {
      const { stopPod } = await import('./stop.ts');
      const uuid = resolveUuid(dataDirectory, text);
      return { uuid, wasRunning: (await stopPod(dataDirectory, uuid, { force })) === 'stopped' };
    },
    async remove(text, { force = false, onProblem = () => {} } = {}) {
      const { removePod } = await import('./remove.ts');
      const uuid = resolveUuid(dataDirectory, text);
      removePod(uuid, { dataDirectory, force, onProblem });
      return uuid;
    },
  };
}

/** A supervisor is a process of its own: tsrkt becomes it. */
function startPod(
  program: string,
  uuid: Uuid,
  { net = 'default', output = 'ignore', flags = [] }: RunOptions,
  options: EngineOptions,
): RunningPod {
  const args = [...globalFlags(options), 'run-prepared', `--net=${net}`, ...flags, uuid];
  const child = spawn(program, args, { stdio: ['ignore', output, output] });
  const ended = once(child, 'exit').then(([status, signal]) => status ?? 128 + signalNumber(signal));
  ended.catch(() => {}); // a program that is not there: whoever waits is told
  return { uuid, pid: child.pid ?? -1, ended };
}

function globalFlags({ dataDirectory, systemConfig, localConfig, userConfig, insecure = [] }: EngineOptions) {
  const directories = {
    dir: dataDirectory,
    'system-config': systemConfig,
    'local-config': localConfig,
    'user-config': userConfig,
  };
  return [
    ...Object.entries(directories).flatMap(([flag, path]) =>
      path === undefined ? [] : [`--${flag}=${path}`],
    ),
    ...[...insecure].map((option) => `--insecure-options=${option}`),
  ];
}

function signalNumber(name: NodeJS.Signals): number {
  return constants.signals[name];
}
