import { statSync } from 'node:fs';
import { show } from '../schema/decode-error.ts';
import type { HostPlatform } from './reference/appc.ts';
import { parseReference, type Reference } from './reference.ts';
import type { BlobSource } from './store/blob.ts';
import { readImage, type StoredImage } from './store/image.ts';
import type { Store } from './store/layout.ts';
import { findImageByName, findImageId, touchImage } from './store/lookup.ts';
import { importAci } from './store.ts';

export interface FetchOptions {
  /** `--insecure-options=image`: take images nobody vouches for. */
  readonly insecureImage: boolean;
  readonly host: HostPlatform;
}

/** An image that is not taken. */
export class FetchError extends Error {
  readonly code: 'ERR_NOT_SIGNED' | 'ERR_NOT_FOUND' | 'ERR_UNSUPPORTED';
  readonly hint: string | undefined;

  constructor(code: FetchError['code'], message: string, hint?: string) {
    super(message);
    this.name = 'FetchError';
    this.code = code;
    this.hint = hint;
  }
}

/**
 * The image that `text` means, in the store. A file is read again each time; IDs and names are looked up in the store.
 * Nothing is decompressed, parsed or run before it was decided that it may be.
 */
export async function fetchImage(store: Store, text: string, options: FetchOptions): Promise<StoredImage> {
  const reference = parseReference(text, { isFile, host: options.host });
  if (reference.kind === 'file') return importFile(store, reference.path, options);
  const image = findTrusted(store, text, reference, options);
  touchImage(store, image.id);
  return image;
}

/** An image of the store that was verified when it came, or need not be. */
export function findTrusted(
  store: Store,
  text: string,
  reference: Reference,
  options: FetchOptions,
): StoredImage {
  const image = findStored(store, text, reference);
  if (image.record.verification.status !== 'verified') requireInsecure(text, options);
  return image;
}

/** The image in the store that `text` means; for commands that bring nothing into it. */
export function findStoredImage(store: Store, text: string, host: HostPlatform): StoredImage {
  return findStored(store, text, parseReference(text, { isFile: () => false, host }));
}

async function importFile(store: Store, path: string, options: FetchOptions): Promise<StoredImage> {
  requireInsecure(path, options);
  const source: BlobSource = { path };
  const decide = () => ({ source: path, verification: { status: 'unverified' } }) as const;
  const image = await importAci(store, { name: path, source, decide });
  touchImage(store, image.id);
  return image;
}

/** Refuses an image nobody vouches for, unless that is wanted. */
export function requireInsecure(text: string, { insecureImage }: FetchOptions): void {
  if (insecureImage) return;
  throw new FetchError(
    'ERR_NOT_SIGNED',
    `image ${show(text)} is not signed by anyone you trust`,
    '--insecure-options=image runs it all the same',
  );
}

function findStored(store: Store, text: string, reference: Reference): StoredImage {
  if (reference.kind === 'hash') return readImage(store, findImageId(store, reference.prefix));
  if (reference.kind !== 'appc')
    throw new FetchError('ERR_UNSUPPORTED', `image ${show(text)}: ${WHAT[reference.kind]} not supported yet`);
  const image = findImageByName(store, reference.name, reference.labels);
  if (image !== undefined) return image;
  throw new FetchError(
    'ERR_NOT_FOUND',
    `image ${show(text)} is not in the store, and discovery is not supported yet`,
    'an image file is named by a path that begins with "/" or "./", or ends in .aci',
  );
}

const WHAT: Readonly<Record<Exclude<Reference['kind'], 'hash' | 'appc'>, string>> = {
  file: 'files are',
  url: 'images on a server are',
  docker: 'Docker images are',
  oci: 'OCI layouts are',
  'oci-archive': 'OCI archives are',
  'docker-archive': 'Docker archives are',
  'docker-export': 'Docker exports are',
  rootfs: 'plain root file systems are',
};

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
