import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import { parseAcIdentifier, sanitizeAcIdentifier } from '../../schema/ac-identifier.ts';
import type { Digest } from '../../schema/digest.ts';
import { type ImageId, type ImageIdPrefix, imageId } from '../../schema/image-id.ts';
import { type Labels, labelValue } from '../../schema/label.ts';
import { rfc3339Time } from '../../schema/rfc3339.ts';
import { type DockerReference, formatDockerReference } from '../reference/docker.ts';
import { RECORD, readImage, type StoredImage } from './image.ts';
import { imageDirectory, imagesDirectory, type Store } from './layout.ts';
import type { ImageRecord } from './record.ts';

export interface ImageList {
  readonly images: readonly StoredImage[];
  /** What cannot be read but can still be removed. */
  readonly broken: readonly { readonly id: ImageId; readonly error: Error }[];
}

/** No image, or more than one, where one was asked for. */
export class LookupError extends Error {
  readonly code: 'ERR_IMAGE_NOT_FOUND' | 'ERR_IMAGE_AMBIGUOUS';

  constructor(code: LookupError['code'], message: string) {
    super(message);
    this.name = 'LookupError';
    this.code = code;
  }
}

/** The IDs of all images, in order, readable or not. */
export function listImageIds(store: Store): ImageId[] {
  return readdirSync(imagesDirectory(store)).filter(isImageId).sort();
}

function isImageId(name: string): name is ImageId {
  try {
    imageId(name);
    return true;
  } catch {
    return false;
  }
}

/** All images. One that somebody removes meanwhile is left out. */
export function listImages(store: Store): ImageList {
  const images: StoredImage[] = [];
  const broken: ImageList['broken'][number][] = [];
  for (const id of listImageIds(store)) {
    try {
      images.push(readImage(store, id));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) continue;
      if (!hasCode(error, 'ERR_DECODE')) throw error;
      broken.push({ id, error: error as Error });
    }
  }
  return { images, broken };
}

/** The ID that begins with `prefix`; an image need not be readable to be found. */
export function findImageId(store: Store, prefix: ImageIdPrefix): ImageId {
  const [id, ...others] = listImageIds(store).filter((each) => each.startsWith(prefix));
  if (id === undefined) throw new LookupError('ERR_IMAGE_NOT_FOUND', `image ${prefix}: not in the store`);
  if (others.length > 0)
    throw new LookupError('ERR_IMAGE_AMBIGUOUS', `image ${prefix}: ${others.length + 1} images begin so`);
  return id;
}

/**
 * The images of this name that have all these labels. Without a version, what came as the latest stands first; then what was
 * imported last.
 */
export function findImagesByName(store: Store, name: string, labels: Labels): readonly StoredImage[] {
  const matches = listImages(store).images.filter(({ record }) =>
    namesOf(record).some((known) => {
      const hasLabels = labels.every((label) => labelValue(known.labels, label.name) === label.value);
      return known.name === name && hasLabels;
    }),
  );
  const rank = ({ record }: StoredImage) => (record.latest && !labelValue(labels, 'version') ? 1 : 0);
  return matches.sort((a, b) => rank(b) - rank(a) || importTime(b) - importTime(a));
}

/** An image of a registry has the names it was fetched by, each with its tag for version. */
function namesOf({
  name,
  labels,
  oci,
}: ImageRecord): readonly { readonly name: string; readonly labels: Labels }[] {
  const others = labels.filter((label) => label.name !== 'version');
  const names = (oci?.references ?? []).map((reference) => {
    const [, known = '', tag = ''] = /^(.*):([^:/]+)$/.exec(reference) ?? [];
    const version = { name: parseAcIdentifier('version'), value: tag };
    return { name: sanitizeAcIdentifier(known), labels: [version, ...others] };
  });
  return [{ name, labels }, ...names];
}

/** The images that were fetched by this reference of a registry; by a digest, those with it, or below an index with it. */
export function findImagesByReference(store: Store, reference: DockerReference): readonly StoredImage[] {
  const { digest } = reference;
  const text = formatDockerReference(reference);
  const isMeant = ({ record: { blob, oci } }: StoredImage) => {
    if (oci === undefined) return false;
    return digest === undefined ? oci.references.includes(text) : [blob, ...oci.indexes].includes(digest);
  };
  return listImages(store).images.filter(isMeant);
}

function importTime({ record }: StoredImage): number {
  return rfc3339Time(record.importTime);
}

/** The image that this file holds. */
export function findImageByBlob(store: Store, blob: Digest): StoredImage | undefined {
  return listImages(store).images.find(({ record }) => record.blob === blob);
}

/** Notes that the image is in use now. A store that cannot be written to remembers nothing. */
export function touchImage(store: Store, id: ImageId): void {
  const now = Date.now() / 1000;
  try {
    utimesSync(join(imageDirectory(store, id), RECORD), now, now);
  } catch (error) {
    if (!hasCode(error, 'EROFS', 'EACCES', 'EPERM')) throw error;
  }
}
