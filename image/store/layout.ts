import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Decoder, matching } from '../../schema/decode.ts';
import { type Digest, digestAlgorithm, digestHex } from '../../schema/digest.ts';
import type { ImageId } from '../../schema/image-id.ts';
import type { LayerId } from './oci/layer-id.ts';

/** A data directory's image store. See ARCHITECTURE.md, "The data directory". */
export interface Store {
  /** `cas` in the data directory. */
  readonly path: string;
}

/** Names a rendered tree by the images it is made of. */
export type TreeId = string & { readonly __brand: 'TreeId' };

export const treeId: Decoder<TreeId> = matching(
  /^deps-sha512-[0-9a-f]{64}$/,
  'a tree ID (deps-sha512- and 64 lower-case hex digits)',
);

/** The tree of an image and those it depends on, the uppermost first. One image alone has been hashed already. */
export function treeIdOf(images: readonly [ImageId, ...ImageId[]]): TreeId {
  const alone = images.length === 1 ? images[0].slice('sha512-'.length) : undefined;
  const hash = alone ?? createHash('sha512').update(images.join('\n')).digest('hex');
  return treeId(`deps-sha512-${hash.slice(0, 64)}`);
}

export const blobsDirectory = (store: Store): string => join(store.path, 'blob');
export const imagesDirectory = (store: Store): string => join(store.path, 'image');
export const treesDirectory = (store: Store): string => join(store.path, 'tree');
export const layersDirectory = (store: Store): string => join(store.path, 'layer');
export const partialDirectory = (store: Store): string => join(store.path, 'partial');
export const unsyncedDirectory = (store: Store): string => join(store.path, 'unsynced');
export const temporaryDirectory = (store: Store): string => join(store.path, 'tmp');

export function blobFile(store: Store, digest: Digest): string {
  const hex = digestHex(digest);
  return join(blobsDirectory(store), digestAlgorithm(digest), hex.slice(0, 2), hex);
}

export function imageDirectory(store: Store, id: ImageId): string {
  return join(imagesDirectory(store), id);
}

export function treeDirectory(store: Store, id: TreeId): string {
  return join(treesDirectory(store), id);
}

export function layerDirectory(store: Store, id: LayerId): string {
  return join(layersDirectory(store), id);
}

/** Where the bytes of a blob are while they arrive. They stay there when a download ends early, to be gone on with. */
export function partialFile(store: Store, digest: Digest): string {
  return join(partialDirectory(store), digest.replace(':', '-'));
}

/** The same of a file that has no digest yet. A URL may hold secrets, has slashes and no length limit: its hash names it. */
export function partialDownloadFile(store: Store, url: URL): string {
  return join(partialDirectory(store), `url-${createHash('sha256').update(url.href).digest('hex')}`);
}
