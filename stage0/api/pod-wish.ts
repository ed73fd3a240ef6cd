import type { PullPolicy } from '../../image/fetch/options.ts';
import type { PodManifest } from '../../schema/pod-manifest.ts';
import type { PrepareRequest } from '../prepare/prepare.ts';
import { isOrdinaryUser } from '../rootless/ordinary-user.ts';
import { type AppWish, appRequest } from './app-wish.ts';
import { type EngineOptions, engineFetchOptions, engineStage1 } from './engine-options.ts';

type Shared = 'environment' | 'ports' | 'volumes' | 'mounts' | 'overlay' | 'stage1' | 'allowDowngrade';

/** What a pod is made of beside its apps; what is not said is as with `tsrkt prepare` without flags. */
export interface PodWish extends Partial<Pick<PrepareRequest, Shared | 'onCreated' | 'onWarning'>> {
  /** The pod, described by somebody else: of images in the store, and no other apps. */
  readonly manifest?: PodManifest | undefined;
  /** Give it users of its own; an ordinary user's pods have no others. */
  readonly privateUsers?: boolean;
  /** When to look for images elsewhere than in the store; `new` if nothing is said. */
  readonly pullPolicy?: PullPolicy;
}

/** The wish in the engine's own terms. A pod that is to be run at once has not to outlive a crash of the machine: `durable`. */
export function prepareRequest(
  apps: readonly AppWish[],
  wish: PodWish,
  options: EngineOptions,
  durable: boolean,
): PrepareRequest {
  const { manifest, pullPolicy = 'new', privateUsers = false, stage1, ...said } = wish;
  const wanted = manifest?.apps.map(({ image }): AppWish => ({ image: image.id })) ?? apps;
  return {
    ...UNSAID,
    onWarning: options.onWarning ?? (() => {}),
    ...said,
    dataDirectory: options.dataDirectory,
    given: manifest,
    images: wanted.map((app) => ({
      reference: app.image,
      signatureFile: app.signatureFile,
      request: appRequest(app),
    })),
    privateUsers: privateUsers && !isOrdinaryUser(),
    durable,
    fetch: engineFetchOptions(options, manifest ? 'never' : pullPolicy),
    stage1: stage1 ?? engineStage1(options),
  };
}

const UNSAID = {
  environment: { fromFiles: [], set: [], inherited: [] },
  ports: [],
  volumes: [],
  mounts: [],
  overlay: true,
  allowDowngrade: false,
  onCreated: () => {},
};
