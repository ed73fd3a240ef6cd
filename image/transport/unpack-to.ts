import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyTree } from '../copy-tree.ts';
import { ownPrivilege } from '../extract/attributes.ts';
import { fileChunks } from '../file-chunks.ts';
import type { StoredImage } from '../store/image.ts';
import { blobFile, type Store } from '../store/layout.ts';
import { removeTree } from '../store/remove-tree.ts';
import { imageRootfs } from '../store/rootfs.ts';
import { unpackAci } from '../unpack-aci.ts';
import { DestinationError } from './destination.ts';

export interface UnpackRequest {
  readonly directory: string;
  /** Only the root file system, in the directory itself. */
  readonly rootfsOnly: boolean;
  readonly overwrite: boolean;
  /** What the image's own file holds, or what an app would see: with dependencies, whitelists, all layers. */
  readonly what: 'own' | 'rendered';
}

/** Unpacks an image of the store into a directory: `manifest` and `rootfs`, as in an ACI. */
export async function unpackTo(store: Store, image: StoredImage, request: UnpackRequest): Promise<void> {
  const directory = resolve(request.directory);
  if (directory === '/') throw new DestinationError('/', 'this would delete your root filesystem. Refusing.');
  makeRoom(directory, request.overwrite);
  const rootfs = request.rootfsOnly ? directory : join(directory, 'rootfs');
  mkdirSync(rootfs, { recursive: true, mode: 0o755 });
  if (request.what === 'own' && image.record.oci === undefined) await unpackOwn(store, image, rootfs);
  else await copyTree(await imageRootfs(store, image.id), rootfs);
  if (!request.rootfsOnly) writeFileSync(join(directory, 'manifest'), image.manifestBytes);
}

function makeRoom(directory: string, overwrite: boolean): void {
  if (!existsSync(directory)) return;
  if (!overwrite) throw new DestinationError(directory, 'output directory exists', 'try --overwrite');
  removeTree(directory);
}

async function unpackOwn(store: Store, { record }: StoredImage, target: string): Promise<void> {
  const fd = openSync(blobFile(store, record.blob), 'r');
  try {
    await unpackAci(fileChunks(fd), target, ownPrivilege());
  } finally {
    closeSync(fd);
  }
}
