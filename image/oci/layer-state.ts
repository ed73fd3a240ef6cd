import { closeSync, lstatSync, type Stats } from 'node:fs';
import { O_PATH } from '../../linux/fcntl.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Digest } from '../../schema/digest.ts';
import type { ArchiveEntry } from '../archive/entry.ts';
import { type Attributes, impliedDirectory, type Privilege } from '../extract/attributes.ts';
import { openDirectory, placeIn } from '../extract/directories.ts';
import type { Extraction } from '../extract.ts';
import { parentPath, rootPath, type TreePath } from '../tree-path.ts';
import type { DescribedDirectories } from './described-directories.ts';
import { LayerError } from './layer-error.ts';

export interface UnpackLayer {
  /** The digest of the uncompressed tar, from the image's configuration. */
  readonly diffId: Digest;
  readonly privilege: Privilege;
  /**
   * Gives the unpacked layers below, the uppermost first. A layer that links to a file below, or puts something into a directory
   * without describing it, depends on them: without them it is ERR_LAYER_NEEDS_LOWER, with them the result is good above them
   * only. It is called when they are needed, so that layers can be unpacked at the same time.
   */
  readonly lower?: () => Promise<readonly string[]>;
}

/** A layer in the making, in the open directory `root`. */
export interface Layer {
  readonly root: number;
  readonly extraction: Extraction;
  readonly options: UnpackLayer;
  readonly directories: DescribedDirectories;
  readonly whiteouts: Set<TreePath>;
  readonly opaque: Set<TreePath>;
  entries: number;
  bytes: number;
  describesRoot: boolean;
  /** The layers below, once they were needed. */
  lower: readonly string[] | undefined;
}

/** The layers below, from now on part of what this layer is. */
export async function needLower(layer: Layer, path: TreePath, why: string): Promise<readonly string[]> {
  const { lower } = layer.options;
  if (lower === undefined) throw new LayerError(path, why, 'ERR_LAYER_NEEDS_LOWER');
  layer.lower ??= await lower();
  return layer.lower;
}

/** The file at a path of the layer, the last link not followed; undefined where there is none. */
export function statInLayer({ root }: Pick<Layer, 'root'>, path: TreePath): Stats | undefined {
  try {
    return inParent(root, path, (directory) => lstatSync(placeIn(directory, path)));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** Does something in the directory that a path is in. */
export function inParent<T>(root: number, path: TreePath, work: (directory: number) => T): T {
  const directory = openDirectory(root, parentPath(path), O_PATH);
  try {
    return work(directory);
  } finally {
    closeSync(directory);
  }
}

/** An entry for a directory with these attributes. */
export function directoryEntry(attributes: Attributes = impliedDirectory): ArchiveEntry {
  const none = { path: Buffer.alloc(0), linkTarget: Buffer.alloc(0), major: 0, minor: 0, size: 0 };
  return { ...none, ...attributes, type: 'directory', pieces: nothing() };
}

async function* nothing(): AsyncGenerator<never> {}

/** Makes the directory `path`, which no entry describes, unless something is there. */
export async function ensureDirectory(layer: Layer, path: TreePath): Promise<void> {
  layer.directories.putInto(path);
  if (path === rootPath || statInLayer(layer, path) !== undefined) return;
  await layer.extraction.add({ entry: directoryEntry(), path });
}
