import type { Uuid } from '../../schema/uuid.ts';
import { movePod } from '../pod/move.ts';
import { preparePod } from '../prepare/prepare.ts';
import { type AppWish, appRequest } from './app-wish.ts';
import { type EngineOptions, engineFetchOptions, engineStage1 } from './engine-options.ts';

/** Makes a pod of what a program wishes: prepared, unlocked. */
export async function prepareWishes(apps: readonly AppWish[], options: EngineOptions): Promise<Uuid> {
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
