import type { Uuid } from '../../schema/uuid.ts';
import type { Volume } from '../../schema/volume.ts';
import { addApp } from '../mutable/add-app.ts';
import { type AppOfPod, type Changed, removeApp, startApp, stopApp } from '../mutable/change-app.ts';
import { MutableError } from '../mutable/mutable-pod.ts';
import type { PodNotes } from '../prepare/pod-manifest.ts';
import { preparePod } from '../prepare/prepare.ts';
import { findStage1 } from '../run/become-stage1.ts';
import { runPod } from '../run.ts';
import { executableOf } from '../stage1/of-pod.ts';
import { type AppWish, appRequest } from './app-wish.ts';
import { type EngineOptions, engineFetchOptions } from './engine-options.ts';
import { type PodWish, prepareRequest } from './pod-wish.ts';
import { type RunWish, runRequest } from './run-wish.ts';

type OfPod = 'ports' | 'volumes' | 'overlay' | 'privateUsers' | 'stage1' | 'onCreated' | 'onWarning';

/** A pod without apps, which are added to it while it runs. Its ports say which port of the pod they lead to (`podPort`). */
export interface SandboxWish extends Pick<PodWish, OfPod>, Partial<PodNotes> {}

/** What may be said of an app that is added, beside what it is. */
export interface AddWish extends Pick<PodWish, 'environment' | 'allowDowngrade'> {
  /** Volumes that are the app's own, each at its place in it. */
  readonly ownVolumes?: readonly OwnVolume[];
}

export interface OwnVolume {
  readonly volume: Volume;
  readonly target: string;
}

/** Makes a pod without apps and has this process become its supervisor. */
export async function becomeSandbox(
  { annotations = [], userAnnotations = {}, userLabels = {}, ...pod }: SandboxWish,
  how: RunWish,
  options: EngineOptions,
): Promise<never> {
  if (how.flavor === 'fly')
    throw new MutableError('a sandbox needs a stage1 that supervises: --stage1=fly does not');
  if (how.interactive) throw new MutableError('a sandbox has no app that could be interactive');
  const mutable = { annotations, userAnnotations, userLabels };
  const request = { ...prepareRequest([], pod, options, false), mutable };
  const howToRun = runRequest(how, options);
  if (request.stage1.kind === 'own') findStage1();
  const prepared = await preparePod(request);
  return runPod(
    prepared,
    { ...howToRun, mutable: { overlay: request.overlay } },
    {
      dataDirectory: options.dataDirectory,
      stage1: executableOf(prepared.stage1),
      keepOnFailure: false,
      onWarning: request.onWarning,
    },
  );
}

/** Adds an app to a pod; its image has to be in the store. */
export function addWish(uuid: Uuid, wish: AppWish, more: AddWish, options: EngineOptions): Promise<string> {
  const { dataDirectory, onWarning = () => {} } = options;
  const { environment = { fromFiles: [], set: [], inherited: [] }, allowDowngrade = false } = more;
  const insecure = new Set(options.insecure);
  const request = appRequest(wish);
  const own = (more.ownVolumes ?? []).map(({ volume, target }) => ({
    volume: volume.name,
    path: target,
    appVolume: volume,
  }));
  return addApp({
    ...{ dataDirectory, uuid, environment, allowDowngrade, onWarning },
    image: {
      reference: wish.image,
      signatureFile: wish.signatureFile,
      request: { ...request, mounts: [...request.mounts, ...own] },
    },
    fetch: engineFetchOptions(options, 'never'),
    laxity: {
      allCapabilities: insecure.has('capabilities'),
      insecurePaths: insecure.has('paths'),
      insecureSeccomp: insecure.has('seccomp'),
    },
  });
}

export function startIn(which: AppOfPod, allowDowngrade: boolean, options: EngineOptions): Promise<Changed> {
  return startApp(which, { ...engineFetchOptions(options, 'never'), allowDowngrade });
}

export { removeApp, stopApp };
