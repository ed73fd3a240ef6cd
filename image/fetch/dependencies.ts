import { hasCode } from '../../linux/system-error.ts';
import { parseAcIdentifier } from '../../schema/ac-identifier.ts';
import { show } from '../../schema/decode-error.ts';
import type { Dependency } from '../../schema/dependency.ts';
import { type ImageId, shortImageId } from '../../schema/image-id.ts';
import { type Label, type Labels, labelValue } from '../../schema/label.ts';
import { TrustError } from '../../trust/trust-error.ts';
import type { AppcReference, HostPlatform } from '../reference/appc.ts';
import { expectedCode } from '../store/error.ts';
import { readImage, type StoredImage } from '../store/image.ts';
import type { Store } from '../store/layout.ts';
import { findImagesByName, touchImage } from '../store/lookup.ts';
import { keepDependencies } from '../store/publish.ts';
import { fetchAppc } from './appc.ts';
import type { FetchedImage, FetchOptions } from './options.ts';
import { firstAccepted, judgeStored } from './stored.ts';

/** A dependency that cannot be had, or is not what the image says it is. */
export class DependencyError extends Error {
  readonly code = 'ERR_DEPENDENCY';

  constructor(
    { id, manifest }: Pick<StoredImage, 'id' | 'manifest'>,
    { imageName }: Dependency,
    problem: string,
  ) {
    super(`image ${show(manifest.name)} (${shortImageId(id)}): its dependency ${show(imageName)} ${problem}`);
    this.name = 'DependencyError';
  }
}

/** How deep images may depend on each other, and how many an image may depend on in all. */
const MAX_DEPTH = 32;
const MAX_IMAGES = 256;

/**
 * Brings all that an image depends on into the store (appc spec, aci.md, dependencies), under the conditions of the image itself, and
 * remembers with the image what that is. Of dependencies in a list, the later one lies above the earlier.
 */
export async function fetchDependencies(
  store: Store,
  image: FetchedImage,
  options: FetchOptions,
): Promise<FetchedImage> {
  if (!image.manifest.dependencies?.length) return image;
  const dependencies: { id: ImageId; level: number }[] = [];
  await resolve(store, image, [image.id], { options, dependencies });
  const record = keepDependencies(store, image.id, dependencies);
  return { ...image, record };
}

interface Resolution {
  readonly options: FetchOptions;
  readonly dependencies: { id: ImageId; level: number }[];
}

async function resolve(
  store: Store,
  image: Pick<StoredImage, 'id' | 'manifest'>,
  ancestors: readonly ImageId[],
  resolution: Resolution,
): Promise<void> {
  const { options, dependencies } = resolution;
  for (const dependency of (image.manifest.dependencies ?? []).toReversed()) {
    const found = await fetchDependency(store, dependency, options);
    refuse(image, dependency, found, ancestors);
    if (dependencies.length === MAX_IMAGES)
      throw new DependencyError(image, dependency, `is one too many: there are more than ${MAX_IMAGES}`);
    touchImage(store, found.id);
    dependencies.push({ id: found.id, level: ancestors.length });
    await resolve(store, found, [...ancestors, found.id], resolution);
  }
}

function refuse(
  image: Pick<StoredImage, 'id' | 'manifest'>,
  dependency: Dependency,
  { id, record }: FetchedImage,
  ancestors: readonly ImageId[],
): void {
  const { imageID, size } = dependency;
  const refusal = (problem: string) => new DependencyError(image, dependency, problem);
  if (record.oci !== undefined) throw refusal('is not an appc image');
  if (imageID !== undefined && id !== imageID) throw refusal(`is ${id}, not ${imageID}`);
  if (size !== undefined && size !== record.size) throw refusal(`has ${record.size} bytes, not ${size}`);
  if (ancestors.includes(id)) throw refusal('depends on it in turn');
  if (ancestors.length > MAX_DEPTH) throw refusal(`is more than ${MAX_DEPTH} images below the first`);
}

async function fetchDependency(
  store: Store,
  dependency: Dependency,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { imageName: name, imageID, labels = [] } = dependency;
  const wanted = { reference: [name, ...labels.map(({ name, value }) => `${name}=${value}`)].join(',') };
  const known = imageID === undefined ? undefined : imageIfThere(store, imageID);
  if (known !== undefined)
    return judgeStored(store, known, { ...wanted, identity: { name, labels } }, options);
  const images = findImagesByName(store, name, labels).filter((image) => isFor(image, options.host));
  const fromStore = () => firstAccepted(store, images, wanted, options);
  // What the store has by this name is another image where the ID is known.
  const pullPolicy = imageID !== undefined && options.pullPolicy === 'new' ? 'update' : options.pullPolicy;
  if (pullPolicy !== 'update') {
    const found = await fromStore();
    if (found !== undefined) return found;
  }
  const reference: AppcReference = { kind: 'appc', name, labels: withPlatform(labels, options.host) };
  return await fetchAppc(store, reference, wanted, { ...options, pullPolicy }).catch(
    async (error: unknown) => {
      if (expectedCode(error) === undefined || error instanceof TrustError) throw error;
      return (await fromStore()) ?? rethrow(error);
    },
  );
}

function rethrow(error: unknown): never {
  throw error;
}

/** An image that does not say what it is for is for everything: it may be data. */
function isFor({ record: { labels } }: StoredImage, { os, arch }: HostPlatform): boolean {
  return (
    [os, undefined].includes(labelValue(labels, 'os')) &&
    [arch, undefined].includes(labelValue(labels, 'arch'))
  );
}

function withPlatform(labels: Labels, { os, arch }: HostPlatform): Labels {
  const missing = Object.entries({ os, arch }).flatMap(([name, value]): Label[] =>
    labelValue(labels, name) === undefined ? [{ name: parseAcIdentifier(name), value }] : [],
  );
  return [...labels, ...missing];
}

function imageIfThere(store: Store, id: ImageId): StoredImage | undefined {
  try {
    return readImage(store, id);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return undefined;
    throw error;
  }
}
