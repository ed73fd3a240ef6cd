import { show } from '../../schema/decode-error.ts';
import type { ImageIdPrefix } from '../../schema/image-id.ts';
import { refuseOtherManifest } from '../../trust/appc-identity.ts';
import { TrustError } from '../../trust/trust-error.ts';
import { readImage, type StoredImage } from '../store/image.ts';
import { blobFile, type Store } from '../store/layout.ts';
import { findImageId } from '../store/lookup.ts';
import { FetchError } from './fetch-error.ts';
import { importJudged } from './import-judged.ts';
import { judgeKept } from './judge.ts';
import type { FetchedImage, FetchOptions, ImageRequest, WantedImage } from './options.ts';
import { readSignatureFile } from './signature-file.ts';

/** The image of the store whose ID begins so. */
export function imageOfId(store: Store, prefix: ImageIdPrefix): StoredImage {
  return readImage(store, findImageId(store, prefix));
}

/** The first of these images that today's keys and policy accept; undefined if there is none, an error if all are refused. */
export async function firstAccepted(
  store: Store,
  images: readonly StoredImage[],
  wanted: WantedImage,
  options: FetchOptions,
): Promise<FetchedImage | undefined> {
  const refusals: TrustError[] = [];
  for (const image of images) {
    try {
      return await judgeStored(store, image, wanted, options);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      refusals.push(error);
    }
  }
  if (refusals[0] !== undefined) throw refusals[0];
  return undefined;
}

/** An image of the store, if today's keys and policy accept it; by the signatures in `--signature`, if that is given. */
export async function judgeStored(
  store: Store,
  image: StoredImage,
  wanted: WantedImage,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { manifest, record } = image;
  const { identity, signatureFile } = wanted;
  if (identity !== undefined)
    refuseOtherManifest(identity, { name: manifest.name, labels: manifest.labels ?? [] });
  if (signatureFile !== undefined && record.oci !== undefined)
    throw new FetchError('ERR_UNSUPPORTED', `image ${show(wanted.reference)}: --signature is for files`);
  if (signatureFile !== undefined && !options.insecureImage) {
    const signatures = await readSignatureFile(signatureFile);
    const source = { path: blobFile(store, record.blob) };
    return importJudged(store, { ...wanted, source, signatures }, options);
  }
  const { blob, verification, name } = record;
  const decision = await judgeKept({ request: wanted.reference, name, blob, verification }, options);
  return { ...image, decision };
}

/** The error for an image that is neither in the store nor to be looked for elsewhere. */
export function notInStore({ reference }: ImageRequest): FetchError {
  return new FetchError(
    'ERR_NOT_FOUND',
    `unable to fetch image from ${show(reference)}: not in the store, and --pull-policy=never`,
  );
}
