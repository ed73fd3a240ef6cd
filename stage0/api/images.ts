import type { ImageRequest, PullPolicy } from '../../image/fetch/options.ts';
import { fetchImage, findStoredImage } from '../../image/fetch.ts';
import { openStore } from '../../image/store.ts';
import type { ImageId } from '../../schema/image-id.ts';
import type { VerifiedImage } from '../api.ts';
import { verifyStoredImage } from '../image-verify.ts';
import { hostPlatform } from '../prepare/platform.ts';
import { type EngineOptions, engineFetchOptions } from './engine-options.ts';

export async function fetchInto(
  image: ImageRequest,
  pullPolicy: PullPolicy,
  options: EngineOptions,
): Promise<ImageId> {
  const store = openStore(options.dataDirectory);
  return (await fetchImage(store, image, engineFetchOptions(options, pullPolicy))).id;
}

export async function verifyIn(
  dataDirectory: string,
  reference: string,
  onRebuild: () => void,
): Promise<VerifiedImage> {
  const store = openStore(dataDirectory);
  const image = findStoredImage(store, reference, hostPlatform());
  return { id: image.id, isRendered: await verifyStoredImage(image, { dataDirectory, store, onRebuild }) };
}
