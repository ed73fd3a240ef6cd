import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from '../../linux/durable-file.ts';
import { lock } from '../../linux/lock.ts';
import { syncFileSystem } from '../../linux/sync-file-system.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { ImageId } from '../../schema/image-id.ts';
import type { Aci } from '../aci.ts';
import { ownPrivilege } from '../extract/attributes.ts';
import { fileChunks } from '../file-chunks.ts';
import { unpackAci } from '../unpack-aci.ts';
import { ImportError, importing } from './error.ts';
import { readImage, type StoredImage } from './image.ts';
import { blobFile, type Store, type TreeId, treeDirectory, treeIdOf, treesDirectory } from './layout.ts';
import { removeTree } from './remove-tree.ts';
import { needsRendering, renderImage } from './render.ts';
import { claimTemporary, makeTemporary } from './temporary.ts';

export interface RenderedTree {
  readonly treeId: TreeId;
  /** The root file system, to be used as it is and never written to. */
  readonly path: string;
}

/** The image's root file system, unpacked; when it is missing it is made again from the image as it was served. */
export async function imageTree(store: Store, id: ImageId): Promise<RenderedTree> {
  const image = readImage(store, id);
  const treeId = imageTreeId(image);
  const tree = { treeId, path: join(treeDirectory(store, treeId), 'rootfs') };
  if (existsSync(tree.path)) return tree;
  using temporary = await claimTemporary(store, treeId);
  if (!existsSync(tree.path))
    await importing(image.record.source, () => render(store, image, temporary.path));
  return tree;
}

/** A tree is named by all images it is made of. */
export function imageTreeId({ id, record }: Pick<StoredImage, 'id' | 'record'>): TreeId {
  return treeIdOf([id, ...(record.dependencies ?? []).map((each) => each.id)]);
}

async function render(store: Store, image: StoredImage, temporary: string): Promise<void> {
  await makeTree(store, image, join(temporary, 'tree'));
  syncFileSystem(temporary);
  publishTree(store, imageTreeId(image), join(temporary, 'tree'));
}

/** Makes the tree of an image of the store in the new directory `tree`. */
export async function makeTree(store: Store, image: StoredImage, tree: string): Promise<void> {
  if (needsRendering(image.manifest)) {
    mkdirSync(join(tree, 'rootfs'), { recursive: true, mode: 0o755 });
    return renderImage(store, image, join(tree, 'rootfs'));
  }
  const fd = openSync(blobFile(store, image.record.blob), 'r');
  try {
    const aci = await unpackTree(fd, tree);
    if (aci.id !== image.id)
      throw new ImportError(image.record.source, `the stored file is damaged: its image ID is ${aci.id}`);
  } finally {
    closeSync(fd);
  }
}

/** Unpacks the ACI in an open file as a tree, ready to be published. */
export async function unpackTree(fd: number, tree: string): Promise<Aci> {
  mkdirSync(join(tree, 'rootfs'), { recursive: true, mode: 0o755 });
  return await unpackAci(fileChunks(fd), join(tree, 'rootfs'), ownPrivilege());
}

/** Gives a complete tree its name. One that is there already is the same. */
export function publishTree(store: Store, id: TreeId, tree: string): void {
  try {
    renameSync(tree, treeDirectory(store, id));
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
  syncDirectory(treesDirectory(store));
}

/** Takes an image's tree away. The caller keeps it from being used meanwhile. */
export function removeTreeOf(store: Store, image: Pick<StoredImage, 'id' | 'record'>): void {
  using temporary = makeTemporary(store, 'removed');
  using _exclusive = lock(store.path, 'exclusive');
  renameSync(treeDirectory(store, imageTreeId(image)), join(temporary.path, 'tree'));
}

/** Removes the trees that are not in `inUse`; gives their names. The caller keeps new uses from coming up meanwhile. */
export function removeTrees(store: Store, inUse: ReadonlySet<string>): string[] {
  using temporary = makeTemporary(store, 'removed');
  const names = readdirSync(treesDirectory(store)).filter((name) => !inUse.has(name));
  {
    using _exclusive = lock(store.path, 'exclusive');
    for (const name of names) renameSync(join(treesDirectory(store), name), join(temporary.path, name));
  }
  removeTree(temporary.path);
  return names;
}
