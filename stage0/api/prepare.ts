import type { Uuid } from '../../schema/uuid.ts';
import { movePod } from '../pod/move.ts';
import { preparePod } from '../prepare/prepare.ts';
import type { AppWish } from './app-wish.ts';
import type { EngineOptions } from './engine-options.ts';
import { type PodWish, prepareRequest } from './pod-wish.ts';

/** Makes a pod of what somebody wishes: prepared, unlocked. */
export async function prepareWishes(
  apps: readonly AppWish[],
  wish: PodWish,
  options: EngineOptions,
): Promise<Uuid> {
  const { pod } = await preparePod(prepareRequest(apps, wish, options, true));
  using prepared = movePod(options.dataDirectory, pod, 'prepared');
  return prepared.uuid;
}
