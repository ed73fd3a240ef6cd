import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestAlgorithm, makeDigest } from '../../../schema/digest.ts';
import { passingChunks } from '../../file-chunks.ts';
import type { StoredImage } from '../image.ts';
import { blobFile, layerDirectory, type Store } from '../layout.ts';
import { blobsOf, type OciParts } from '../record.ts';
import { makeTemporary } from '../temporary.ts';
import { treeDigest } from '../tree-digest.ts';
import { DamagedError } from '../verify-image.ts';
import { layerRoot } from './layer-files.ts';
import type { LayerId } from './layer-id.ts';
import { unpackBlob } from './unpack-blob.ts';

/** Reads the blobs of an OCI image again: throws unless they still have their digests. */
export async function verifyOciBlobs(store: Store, image: StoredImage): Promise<void> {
  for (const digest of new Set(blobsOf(image.record))) {
    if (!existsSync(blobFile(store, digest))) throw new DamagedError(image, `blob ${digest} is gone`);
    const actual = hashFile(blobFile(store, digest), digest);
    if (actual !== digest) throw new DamagedError(image, `blob ${digest} has the digest ${actual}`);
  }
}

function hashFile(path: string, digest: Digest): Digest {
  const algorithm = digestAlgorithm(digest);
  const hash = createHash(algorithm);
  const fd = openSync(path, 'r');
  try {
    for (const chunk of passingChunks(fd)) hash.update(chunk);
  } finally {
    closeSync(fd);
  }
  return makeDigest(algorithm, hash.digest('hex'));
}

/** The layers that are not what their blobs unpack to any more. All are unpacked once more to compare; what is missing is not changed. */
export async function changedLayers(store: Store, { layers }: OciParts): Promise<readonly LayerId[]> {
  using temporary = makeTemporary(store, 'verify');
  const changed: LayerId[] = [];
  const made: string[] = [];
  for (const [index, layer] of layers.entries()) {
    const path = join(temporary.path, String(index));
    const lower = [...made].reverse();
    const fd = openSync(blobFile(store, layer.digest), 'r');
    try {
      await unpackBlob({ ...layer, fd, lower: async () => lower }, path);
    } finally {
      closeSync(fd);
    }
    made.push(join(path, 'rootfs'));
    if (existsSync(layerDirectory(store, layer.layer)) && !(await isSame(store, layer.layer, path)))
      changed.push(layer.layer);
  }
  return changed;
}

async function isSame(store: Store, id: LayerId, again: string): Promise<boolean> {
  const root = layerRoot(store, id);
  const facts = (path: string) => readFileSync(join(path, 'layer.json'), 'utf8');
  if (facts(layerDirectory(store, id)) !== facts(again)) return false;
  return (await treeDigest(root)) === (await treeDigest(join(again, 'rootfs')));
}

/** Takes a layer away. The caller keeps it from being used meanwhile. */
export function removeLayer(store: Store, id: LayerId): void {
  using temporary = makeTemporary(store, 'removed');
  renameSync(layerDirectory(store, id), join(temporary.path, id));
}
