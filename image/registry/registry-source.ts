import type { Descriptor } from '../../schema/oci/descriptor.ts';
import type { Platform } from '../../schema/oci/platform.ts';
import { resolveImage } from '../oci/resolve.ts';
import type { ImageDocument, ImageSource, ResolvedImage } from '../oci/source.ts';
import { type DockerReference, formatDockerReference } from '../reference/docker.ts';
import { openRegistryBlob } from './blob.ts';
import { registryCompanions } from './companions.ts';
import { fetchManifest } from './manifest.ts';
import { type Place, placesFor, type RegistryConfig } from './mirrors.ts';
import { openRepository, type RegistryClient, type Repository } from './repository.ts';

/** An image that no place had. */
export class ImageNotFoundError extends Error {
  readonly code = 'ERR_IMAGE_NOT_FOUND';
  readonly hint?: string;
  constructor(name: string, attempts: readonly string[]) {
    super(`fetch ${name}: no such image`);
    this.name = 'ImageNotFoundError';
    if (attempts.length > 0) this.hint = attempts.join('; ');
  }
}

export interface RegistrySource extends ImageSource {
  /** Where the image was found: where its signatures are to be looked for. Undefined before it is resolved. */
  repository(): Repository | undefined;
}

/** An image in a registry or one of its mirrors. Its tag is looked up once; all that follows is fetched by digest. */
export function registrySource(
  client: RegistryClient,
  reference: DockerReference,
  configs: readonly RegistryConfig[],
): RegistrySource {
  let found: Promise<Found> | undefined;
  let repository: Repository | undefined;
  const find = () => {
    found ??= findImage(client, reference, configs).then((each) => {
      repository = each.repository;
      return each;
    });
    return found;
  };
  return {
    repository: () => repository,
    resolve: async (platform: Platform): Promise<ResolvedImage> => {
      const { repository, root } = await find();
      return resolveImage(root, platform, (descriptor) => fetchDocument(repository, descriptor));
    },
    root: async () => (await find()).root,
    fetchDocument: async (descriptor) => fetchDocument((await find()).repository, descriptor),
    companions: async function* (subject) {
      yield* registryCompanions((await find()).repository, subject);
    },
    openBlob: async (blob: Descriptor, offset = 0) =>
      openRegistryBlob((await find()).repository, blob, offset),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

interface Found {
  readonly repository: Repository;
  readonly root: ImageDocument;
}

async function findImage(
  client: RegistryClient,
  reference: DockerReference,
  configs: readonly RegistryConfig[],
): Promise<Found> {
  const places = placesFor(configs, reference);
  const attempts: string[] = [];
  for (const [index, place] of places.entries()) {
    const isLast = index === places.length - 1;
    const found = await lookIn(client, place, reference).catch((error: unknown) => {
      // A mirror may fail in any way it likes; the last place's error is the one to report.
      if (isLast || !(error instanceof Error && 'code' in error)) throw error;
      return error.message;
    });
    if (typeof found !== 'string') return found;
    attempts.push(found);
  }
  throw new ImageNotFoundError(formatDockerReference(reference), attempts);
}

/** The image, or that it is not there. */
async function lookIn(
  client: RegistryClient,
  place: Place,
  { tag, digest }: DockerReference,
): Promise<Found | string> {
  const repository = await openRepository(client, place, 'pull');
  const root = await fetchManifest(repository, digest ?? tag ?? 'latest');
  return root === undefined ? `${repository.name}: not found` : { repository, root };
}

async function fetchDocument(repository: Repository, { digest }: Descriptor): Promise<ImageDocument> {
  const document = await fetchManifest(repository, digest);
  if (document === undefined) throw new ImageNotFoundError(`${repository.name}@${digest}`, []);
  return document;
}
