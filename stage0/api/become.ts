import type { Uuid } from '../../schema/uuid.ts';
import { takePreparedPod } from '../prepare/load.ts';
import { type PreparedPod, preparePod } from '../prepare/prepare.ts';
import { PrepareError } from '../prepare/prepare-error.ts';
import { findStage1 } from '../run/become-stage1.ts';
import { runPod } from '../run.ts';
import { executableOf } from '../stage1/of-pod.ts';
import { reviewPod } from '../trust/review-pod.ts';
import type { AppWish } from './app-wish.ts';
import { type EngineOptions, engineFetchOptions } from './engine-options.ts';
import { type PodWish, prepareRequest } from './pod-wish.ts';
import { type RunWish, runRequest } from './run-wish.ts';

/** What may be said anew of a pod that was prepared before. */
export interface ReviewWish {
  /** Whether its images may be older than the newest of their names that ever ran. */
  readonly allowDowngrade?: boolean;
  /** Another stage1 to run it. */
  readonly stage1Path?: string | undefined;
}

/** Prepares a pod and has this process become its supervisor. */
export async function becomePod(
  apps: readonly AppWish[],
  pod: PodWish,
  how: RunWish,
  options: EngineOptions,
): Promise<never> {
  const howToRun = runRequest(how, options);
  const request = prepareRequest(apps, pod, options, false);
  if (request.stage1.kind === 'own') findStage1();
  const prepared = await preparePod(request);
  return runPod(prepared, howToRun, {
    dataDirectory: options.dataDirectory,
    stage1: executableOf(prepared.stage1),
    keepOnFailure: false,
    onWarning: request.onWarning,
  });
}

/** Judges a prepared pod by the keys and policy of today, and has this process become its supervisor. */
export async function becomePrepared(
  uuid: Uuid,
  how: RunWish,
  { allowDowngrade = false, stage1Path }: ReviewWish,
  options: EngineOptions,
): Promise<never> {
  const { dataDirectory, onWarning = () => {} } = options;
  const request = runRequest(how, options);
  const prepared = takePreparedPod(dataDirectory, uuid);
  const stage1 = executableOf(
    stage1Path === undefined ? prepared.stage1 : { kind: 'executable', path: stage1Path },
  );
  if (request.interactive) refuseSeveral(prepared);
  const fetch = engineFetchOptions(options, 'never');
  const reviewed = await reviewPod(prepared, { ...fetch, dataDirectory, allowDowngrade });
  return runPod(reviewed, request, { dataDirectory, stage1, keepOnFailure: true, onWarning });
}

function refuseSeveral({ images }: PreparedPod): void {
  if (images.length > 1) throw new PrepareError('interactive option only supports pods with one app');
}
