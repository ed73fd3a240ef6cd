import { statSync } from 'node:fs';
import { show } from '../schema/decode-error.ts';
import type { ImageId } from '../schema/image-id.ts';
import type { ImageManifest } from '../schema/image-manifest.ts';
import type { DecisionRecord } from '../trust/decision-record.ts';
import { FetchError } from './fetch/fetch-error.ts';
import { judge } from './fetch/judge.ts';
import type { FetchOptions, ImageRequest } from './fetch/options.ts';
import { firstAccepted, imageOfId } from './fetch/stored.ts';
import type { AciInspection } from './inspect-aci.ts';
import { parseReference, type Reference } from './reference.ts';
import type { StoredImage } from './store/image.ts';
import { type Store, treeIdOf } from './store/layout.ts';
import { findImagesByName, findImagesByReference } from './store/lookup.ts';
import { findRemote } from './store/remote.ts';
import { type PartId, rootfsParts } from './store/rootfs.ts';

/** What an image says, without its being brought into the store. */
export interface ImageDescription {
  readonly id: ImageId;
  readonly manifest: ImageManifest;
  readonly decision: DecisionRecord;
  /** What its root file system consists of, or would. */
  readonly parts: readonly PartId[];
  /** For an image that is a file. */
  readonly inspection: AciInspection | undefined;
}

/** The image that a reference means, a file or one of the store, under the conditions of `fetchImage`; nothing is written. */
export async function describeImage(
  store: Store,
  request: ImageRequest,
  options: FetchOptions,
): Promise<ImageDescription> {
  const reference = parseReference(request.reference, { isFile, host: options.host });
  if (reference.kind === 'file') return describeFile(reference.path, request, options);
  const wanted = { reference: request.reference };
  const image = await firstAccepted(store, storedImages(store, reference), wanted, options);
  if (image !== undefined) return { ...image, parts: rootfsParts(image), inspection: undefined };
  throw new FetchError('ERR_NOT_FOUND', `image ${show(request.reference)} is not in the store`);
}

async function describeFile(
  path: string,
  request: ImageRequest,
  options: FetchOptions,
): Promise<ImageDescription> {
  const { caseOfFile } = await import('./fetch/case-of-file.ts');
  const { question, inspection } = await caseOfFile(path, request, options);
  const decision = await judge(question, options);
  const { id, manifest } = inspection;
  return { id, manifest, decision, parts: [treeIdOf([id])], inspection };
}

/** The images of the store that a reference may mean, the best first. */
export function storedImages(store: Store, reference: Reference): readonly StoredImage[] {
  switch (reference.kind) {
    case 'hash':
      return [imageOfId(store, reference.prefix)];
    case 'appc':
      return findImagesByName(store, reference.name, reference.labels);
    case 'docker':
      return findImagesByReference(store, reference);
    case 'url':
      return [findRemote(store, reference.url)?.image ?? []].flat();
    default:
      return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
