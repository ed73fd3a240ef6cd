import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { makeDigest } from '../../schema/digest.ts';
import { shortImageId } from '../../schema/image-id.ts';
import { blobHasher } from '../../trust/openpgp/blob-hasher.ts';
import { readAci } from '../aci.ts';
import { fileChunks, passingChunks } from '../file-chunks.ts';
import { importing } from './error.ts';
import type { StoredImage } from './image.ts';
import { blobFile, type Store, treeDirectory } from './layout.ts';
import { makeTemporary } from './temporary.ts';
import { imageTreeId, makeTree } from './tree.ts';
import { treeDigest } from './tree-digest.ts';

/** An image of the store that is not what it was when it came. */
export class DamagedError extends Error {
  readonly code = 'ERR_IMAGE_DAMAGED';
  readonly hint: string;

  constructor({ id, record }: StoredImage, problem: string) {
    super(`verify image ${shortImageId(id)}: ${problem}`);
    this.name = 'DamagedError';
    this.hint = `fetch it again: tsrkt image rm ${shortImageId(id)} && tsrkt fetch ${record.source}`;
  }
}

/** Reads an image's file again: throws unless digest, image ID and manifest are still what they were. */
export async function verifyBlob(store: Store, image: StoredImage): Promise<void> {
  const fd = openSync(blobFile(store, image.record.blob), 'r');
  try {
    const hasher = blobHasher(['sha512']);
    for (const chunk of passingChunks(fd)) hasher.update(chunk);
    const digest = makeDigest('sha512', hasher.digest('sha512').toString('hex'));
    if (digest !== image.record.blob) throw new DamagedError(image, `its file has the digest ${digest}`);
    const aci = await importing(image.record.source, () => readAci(fileChunks(fd), () => {}));
    if (aci.id !== image.id) throw new DamagedError(image, `its file is image ${aci.id}`);
    if (!aci.manifestBytes.equals(image.manifestBytes))
      throw new DamagedError(image, 'the manifest beside it is not the one in it');
  } finally {
    closeSync(fd);
  }
}

export function isRendered(store: Store, image: StoredImage): boolean {
  return existsSync(treeDirectory(store, imageTreeId(image)));
}

/** Whether an image's tree is still what its file unpacks to, or it and its dependencies render to. That is done once more to compare. */
export async function isTreeIntact(store: Store, image: StoredImage): Promise<boolean> {
  using temporary = makeTemporary(store, 'verify');
  const again = join(temporary.path, 'tree');
  await makeTree(store, image, again);
  const tree = treeDirectory(store, imageTreeId(image));
  const [kept, made] = [await treeDigest(join(tree, 'rootfs')), await treeDigest(join(again, 'rootfs'))];
  return kept === made;
}
