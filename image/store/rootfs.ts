import { join } from 'node:path';
import type { Decoder } from '../../schema/decode.ts';
import type { ImageId } from '../../schema/image-id.ts';
import { visibleLayers } from '../oci/overlay-mark.ts';
import { readImage, type StoredImage } from './image.ts';
import { type Store, type TreeId, treeDirectory, treeId } from './layout.ts';
import { layerRoot, readLayerFacts } from './oci/layer-files.ts';
import { type LayerId, layerId } from './oci/layer-id.ts';
import { imageTree, imageTreeId } from './tree.ts';

/** Names a directory of the store that is a root file system, or one layer of it. */
export type PartId = TreeId | LayerId;

/** An image's root file system as directories to be laid over each other, the uppermost first. Nobody writes to them. */
export interface Rootfs {
  readonly parts: readonly PartId[];
  readonly lowers: readonly string[];
  /** The directory whose owner and mode the root has. */
  readonly describedBy: string;
}

/** An image's root file system. What is missing of it is made again from the image as it was served. */
export async function imageRootfs(store: Store, id: ImageId): Promise<Rootfs> {
  const { record } = readImage(store, id);
  if (record.oci !== undefined) {
    const { ensureLayers } = await import('./oci/ensure-layers.ts'); // unpacking takes modules that other images do not need
    return layered(store, await ensureLayers(store, record.oci));
  }
  const { treeId, path } = await imageTree(store, id);
  return { parts: [treeId], lowers: [path], describedBy: path };
}

/** What the root file system of an image consists of, as far as its record says. */
export function rootfsParts(image: StoredImage): readonly PartId[] {
  const { oci } = image.record;
  return oci === undefined ? [imageTreeId(image)] : distinct(oci.layers.map(({ layer }) => layer).reverse());
}

/** overlayfs takes no directory twice; the same layer lower in the image shows nothing that it does not show above. */
function distinct(uppermostFirst: readonly LayerId[]): readonly LayerId[] {
  return [...new Set(uppermostFirst)];
}

function layered(store: Store, uppermostFirst: readonly LayerId[]): Rootfs {
  const ids = distinct(uppermostFirst);
  const lowers = visibleLayers(ids.map((id) => layerRoot(store, id)));
  const parts = ids.slice(0, lowers.length);
  const describing = parts.find((id) => readLayerFacts(store, id).describesRoot) ?? parts.at(-1);
  if (describing === undefined) throw new TypeError('an image without a single layer');
  return { parts, lowers, describedBy: layerRoot(store, describing) };
}

/** The root file system that consists of these parts of the store, without a look at whether they are there. */
export function namedRootfs(store: Store, parts: readonly PartId[]): Rootfs {
  const lowers = parts.map((id) => partPath(store, id));
  return { parts, lowers, describedBy: lowers[0] ?? '' };
}

/** Reads a list of parts, one a line, the uppermost first. */
export function parseParts(text: string, at: string): readonly PartId[] {
  return text
    .trim()
    .split('\n')
    .map((line) => partId(line, at));
}

/** Where the files of a part are. */
function partPath(store: Store, id: PartId): string {
  return isTree(id) ? join(treeDirectory(store, id), 'rootfs') : layerRoot(store, id);
}

function isTree(id: PartId): id is TreeId {
  return id.startsWith('deps-');
}

/** Reads the name of a part. */
const partId: Decoder<PartId> = (value, at) =>
  typeof value === 'string' && value.startsWith('deps-') ? treeId(value, at) : layerId(value, at);
