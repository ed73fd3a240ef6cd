import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredImage } from '../image/store/image.ts';
import { type Store, treeDirectory } from '../image/store/layout.ts';
import { listImages } from '../image/store/lookup.ts';
import { layerSize } from '../image/store/oci/layer-files.ts';
import { imageTreeId } from '../image/store/tree.ts';
import { hasCode } from '../linux/system-error.ts';
import type { ImageId } from '../schema/image-id.ts';
import { labelValue } from '../schema/label.ts';
import { rfc3339Time } from '../schema/rfc3339.ts';

export interface ImageInfo {
  readonly id: ImageId;
  /** `name:version` */
  readonly name: string;
  /** In bytes: the image as it was served, and unpacked. */
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly importTime: number;
  readonly lastUsed: number;
}

export interface ImageInfos {
  readonly images: readonly ImageInfo[];
  readonly problems: readonly Error[];
}

/** The images of the store, and what is wrong with those that cannot be read. */
export function imageInfos(store: Store): ImageInfos {
  const { images, broken } = listImages(store);
  return {
    images: images.map((image) => describe(store, image)),
    problems: broken.map(({ error }) => error),
  };
}

function describe(store: Store, image: StoredImage): ImageInfo {
  const { id, record, lastUsed } = image;
  const version = labelValue(record.labels, 'version');
  return {
    id,
    name: version === undefined ? record.name : `${record.name}:${version}`,
    size: record.size + unpackedSize(store, image),
    importTime: rfc3339Time(record.importTime),
    lastUsed,
  };
}

function unpackedSize(store: Store, image: StoredImage): number {
  const { oci } = image.record;
  if (oci === undefined) return treeSize(treeDirectory(store, imageTreeId(image)));
  const layers = new Set(oci.layers.map(({ layer }) => layer));
  return [...layers].reduce((sum, layer) => sum + layerSize(store, layer), 0);
}

/** The bytes of all files in a directory; 0 when there is none. */
function treeSize(directory: string): number {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.reduce((sum, entry) => sum + entrySize(join(directory, entry.name), entry), 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

function entrySize(path: string, entry: { isDirectory(): boolean; isFile(): boolean }): number {
  if (entry.isDirectory()) return treeSize(path);
  return entry.isFile() ? (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) : 0;
}
