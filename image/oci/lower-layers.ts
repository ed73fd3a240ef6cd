import { type BigIntStats, closeSync, constants, lstatSync, openSync, type Stats } from 'node:fs';
import { hasCode } from '../../linux/system-error.ts';
import { getXattr, listXattrs } from '../../linux/xattr.ts';
import type { ArchiveEntry, Piece } from '../archive/entry.ts';
import type { Attributes } from '../extract/attributes.ts';
import { fileChunks } from '../file-chunks.ts';
import type { TreePath } from '../tree-path.ts';
import { isOpaque, isWhiteout, visibleLayers } from './overlay-mark.ts';

/** What overlayfs would show at a path of the layers: the file's own path on this machine. */
export interface LowerFile {
  readonly place: Buffer;
  readonly stat: Stats;
}

/**
 * Looks a path up in unpacked layers, the uppermost first, as overlayfs would. No link is followed: a path through one is
 * not found. The directories are the store's own, which nobody else changes.
 */
export function findInLayers(layers: readonly string[], path: TreePath): LowerFile | undefined {
  for (const layer of visibleLayers(layers)) {
    const found = findInLayer(layer, path.split('/'));
    if (found !== 'below') return found;
  }
  return undefined;
}

/** The file, undefined where this layer hides what is below it, or `below` where it says nothing. */
function findInLayer(layer: string, components: readonly string[]): LowerFile | 'below' | undefined {
  let place: Buffer = Buffer.from(layer);
  let hides = false;
  for (const component of components.slice(0, -1)) {
    place = below(place, component);
    const stat = lstatIfThere(place);
    if (stat === undefined) return hides ? undefined : 'below';
    if (!stat.isDirectory()) return undefined;
    hides ||= isOpaque(Buffer.concat([place, Buffer.of(0)]));
  }
  return lastInLayer(below(place, components.at(-1) ?? ''), hides);
}

function lastInLayer(place: Buffer, hides: boolean): LowerFile | 'below' | undefined {
  const stat = lstatIfThere(place);
  if (stat === undefined) return hides ? undefined : 'below';
  return isWhiteout(stat) ? undefined : { place, stat };
}

function below(directory: Buffer, component: string): Buffer {
  return Buffer.concat([directory, Buffer.from(`/${component}`, 'latin1')]);
}

function lstatIfThere(place: Buffer): Stats | undefined {
  try {
    return lstatSync(place);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A regular file of a lower layer as an entry of the layer above, as overlayfs copies it up before it is linked to. */
export function copyUp({ place }: LowerFile): ArchiveEntry {
  const stat = lstatSync(place, { bigint: true });
  return {
    path: place,
    type: 'file',
    linkTarget: Buffer.alloc(0),
    ...attributesOf(place, stat),
    major: 0,
    minor: 0,
    size: Number(stat.size),
    pieces: filePieces(place),
  };
}

/** The owner, mode, time and attributes of a file or directory of a lower layer. */
export function lowerAttributes({ place }: LowerFile): Attributes {
  return attributesOf(place, lstatSync(place, { bigint: true }));
}

function attributesOf(place: Buffer, stat: BigIntStats): Attributes {
  const path = Buffer.concat([place, Buffer.of(0)]);
  const xattrs = listXattrs(path).map((name) => [name, getXattr(path, name) ?? Buffer.alloc(0)] as const);
  return {
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtime: stat.mtimeNs,
    xattrs: new Map(xattrs),
  };
}

async function* filePieces(place: Buffer): AsyncGenerator<Piece> {
  const fd = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    let position = 0;
    for await (const bytes of fileChunks(fd)) {
      yield { position, bytes };
      position += bytes.length;
    }
  } finally {
    closeSync(fd);
  }
}
