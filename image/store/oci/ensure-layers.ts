import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { syncFileSystem } from '../../../linux/sync-file-system.ts';
import { type Digest, makeDigest } from '../../../schema/digest.ts';
import { copyTree } from '../../copy-tree.ts';
import { blobFile, layerDirectory, type Store } from '../layout.ts';
import type { OciParts } from '../record.ts';
import { claimTemporary } from '../temporary.ts';
import { layerRoot, makeLayerFiles, readLayerFacts, writeLayerFacts } from './layer-files.ts';
import { chainIds, type LayerId, makeLayerId } from './layer-id.ts';
import { publishLayer } from './publish.ts';
import { unpackBlob } from './unpack-blob.ts';

type StoredLayer = OciParts['layers'][number];

/**
 * The unpacked layers of an image, the uppermost first: what is missing is unpacked again. So many that mount(2) could not name
 * them all are fewer: the lowest are merged into one.
 */
export async function ensureLayers(
  store: Store,
  { layers }: Pick<OciParts, 'layers'>,
): Promise<readonly LayerId[]> {
  const ids: LayerId[] = [];
  for (const layer of layers) {
    const lower = [...ids].reverse().map((id) => layerRoot(store, id));
    ids.push(await ensureLayer(store, layer, lower));
  }
  if (ids.length === 0) return [await ensureEmpty(store)];
  const merged = countToMerge(ids.map((id) => layerRoot(store, id).length));
  if (merged < 2) return ids.reverse();
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  const lowest = await ensureMerged(store, ids.slice(0, merged), chain[merged - 1]);
  return [...ids.slice(merged).reverse(), lowest];
}

/**
 * The options of an overlay, paths of the pod's own directories among them, have to fit into a page. How many of the lowest
 * layers have to become one, given the lengths of all paths.
 */
export function countToMerge(lengths: readonly number[]): number {
  let left = MAX_LOWERDIR - (lengths[0] ?? 0);
  let kept = 0;
  for (const length of [...lengths].reverse()) {
    left -= length + 1;
    if (left < 0) return lengths.length - kept;
    kept++;
  }
  return 0;
}

const MAX_LOWERDIR = 3400;

/** Makes a layer when nobody has made it; who else needs it waits. */
async function ensure(store: Store, id: LayerId, make: (path: string) => Promise<void>): Promise<LayerId> {
  if (existsSync(layerDirectory(store, id))) return id;
  using temporary = await claimTemporary(store, id);
  if (existsSync(layerDirectory(store, id))) return id;
  const path = join(temporary.path, 'layer');
  await make(path);
  syncFileSystem(temporary.path);
  publishLayer(store, id, path);
  return id;
}

function ensureLayer(store: Store, layer: StoredLayer, lower: readonly string[]): Promise<LayerId> {
  return ensure(store, layer.layer, async (path) => {
    const fd = openSync(blobFile(store, layer.digest), 'r');
    try {
      await unpackBlob({ ...layer, fd, lower: async () => lower }, path);
    } finally {
      closeSync(fd);
    }
  });
}

/** An image without layers has an empty root directory. */
function ensureEmpty(store: Store): Promise<LayerId> {
  return ensure(store, makeLayerId('diff', EMPTY), async (path) => {
    makeLayerFiles(path);
    writeLayerFacts(path, { describesRoot: false, bytes: 0 });
  });
}

/** Of a tar that consists of its end mark alone. */
const EMPTY: Digest = makeDigest(
  'sha256',
  '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
);

function ensureMerged(
  store: Store,
  lowestFirst: readonly LayerId[],
  chainId: Digest | undefined,
): Promise<LayerId> {
  if (chainId === undefined) throw new RangeError('no layers to merge');
  const ids = [...lowestFirst].reverse();
  return ensure(store, makeLayerId('merged', chainId), async (path) => {
    const facts = ids.map((id) => readLayerFacts(store, id));
    const lowers = ids.map((id) => layerRoot(store, id));
    const describing = facts.findIndex(({ describesRoot }) => describesRoot);
    await copyTree({ lowers, describedBy: lowers.at(describing) ?? '' }, makeLayerFiles(path));
    writeLayerFacts(path, {
      describesRoot: describing >= 0,
      bytes: facts.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  });
}
