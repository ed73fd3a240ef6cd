import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobFile, type Store, temporaryDirectory, treesDirectory } from '../../../../image/store/layout.ts';
import { listImages } from '../../../../image/store/lookup.ts';
import { sweepBlobs } from '../../../../image/store/remove.ts';
import { sweepTemporary } from '../../../../image/store/temporary.ts';
import { makeDigest } from '../../../../schema/digest.ts';
import { walkTree } from '../tree-walk.ts';

/** Asserts what must hold of a store at any time: what can be seen is complete, and a sweep removes all else. */
export async function checkStore(store: Store, expectedTree: readonly string[]): Promise<void> {
  const { images, broken } = listImages(store);
  assert.deepEqual(broken, []);
  for (const { record } of images) {
    const hex = createHash('sha512')
      .update(readFileSync(blobFile(store, record.blob)))
      .digest('hex');
    assert.equal(makeDigest('sha512', hex), record.blob);
  }
  for (const name of readdirSync(treesDirectory(store)))
    assert.deepEqual(await walkTree(join(treesDirectory(store), name, 'rootfs')), expectedTree);
  sweepTemporary(store);
  sweepBlobs(store);
  assert.deepEqual(readdirSync(temporaryDirectory(store)), []);
}
