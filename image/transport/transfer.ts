import { show } from '../../schema/decode-error.ts';
import type { Digest } from '../../schema/digest.ts';
import { storedImages } from '../describe.ts';
import { FetchError } from '../fetch/fetch-error.ts';
import { ociPlatform } from '../fetch/oci.ts';
import type { FetchOptions } from '../fetch/options.ts';
import { registryClient } from '../fetch/registry-client.ts';
import { openHttp } from '../http.ts';
import { copyImage } from '../oci/copy-image.ts';
import { openLocalSource } from '../oci/open-source.ts';
import type { ImageSource } from '../oci/source.ts';
import { parseReference, type Reference } from '../reference.ts';
import { loadRegistryConfigs } from '../registry/mirrors.ts';
import { registrySource } from '../registry/registry-source.ts';
import type { Store } from '../store/layout.ts';
import { storedSource } from '../store/oci/stored-source.ts';
import { makeTemporary } from '../store/temporary.ts';
import { openDestination } from './destination.ts';

export type TransferOptions = Pick<FetchOptions, 'http' | 'registries' | 'host' | 'notes'>;

/** An image to be copied as it is, without being unpacked, run or vouched for. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  /** Whether `from` names an image of the store, even where it could be elsewhere. */
  readonly isStored: boolean;
}

/** Copies the image for this machine's platform from one place to another; gives its manifest's digest. */
export async function transferImage(
  store: Store,
  transfer: Transfer,
  options: TransferOptions,
): Promise<Digest> {
  const context = { isFile: () => false, host: options.host };
  const [from, to] = [parseReference(transfer.from, context), parseReference(transfer.to, context)];
  using temporary = makeTemporary(store, 'copy');
  await using source = await openAny(store, from, transfer, options, temporary.path);
  await using destination = await openDestination(to, transfer.to, options);
  const image = await source.resolve(ociPlatform(options.host));
  await copyImage(source, image, destination, ({ digest, size }, done) =>
    options.notes.progress(`Copying ${digest.slice(0, 'sha256:'.length + 12)}`, done, size),
  );
  return image.manifestDigest;
}

async function openAny(
  store: Store,
  reference: Reference,
  { from, isStored }: Transfer,
  options: TransferOptions,
  temporary: string,
): Promise<ImageSource> {
  if (isStored) return openStored(store, reference, from, temporary);
  switch (reference.kind) {
    case 'docker':
      return openRegistry(reference, options);
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
    case 'docker-export':
    case 'rootfs':
      return openLocalSource(reference, temporary);
    default:
      return openStored(store, reference, from, temporary);
  }
}

async function openStored(
  store: Store,
  reference: Reference,
  from: string,
  temporary: string,
): Promise<ImageSource> {
  const [image] = storedImages(store, reference);
  if (image !== undefined) return storedSource(store, image, temporary);
  throw new FetchError('ERR_NOT_FOUND', `image ${show(from)} is not in the store`);
}

function openRegistry(
  reference: Extract<Reference, { kind: 'docker' }>,
  { http: httpOptions, registries }: TransferOptions,
): ImageSource {
  const http = openHttp(httpOptions);
  const configs = loadRegistryConfigs(registries.configDirectories);
  const source = registrySource(registryClient(http, registries), reference, configs);
  return {
    ...source,
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      http[Symbol.dispose]();
    },
  };
}
