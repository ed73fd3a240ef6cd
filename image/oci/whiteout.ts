import { leafName, parentPath, type TreePath } from '../tree-path.ts';

/** What an entry of a layer does to the layers below it (image-spec, layer.md, whiteouts). */
export type LayerPart =
  | { readonly kind: 'file' }
  /** Removes the file at `path` from the layers below. */
  | { readonly kind: 'whiteout'; readonly path: TreePath }
  /** Removes everything in the directory `path` of the layers below. */
  | { readonly kind: 'opaque'; readonly path: TreePath }
  /** Left by aufs (`.wh..wh.plnk`, `.wh..wh.orph`): means nothing to others. */
  | { readonly kind: 'reserved' }
  /** Named `.wh.`, which removes nothing that has a name. */
  | { readonly kind: 'invalid' };

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Reads what a path in a layer means. A path below a name that is a whiteout or reserved is reserved, too. */
export function layerPart(path: TreePath): LayerPart {
  const directory = parentPath(path);
  if (directory.split('/').some((name) => name.startsWith(PREFIX))) return { kind: 'reserved' };
  const name = leafName(path);
  if (!name.startsWith(PREFIX)) return { kind: 'file' };
  if (name === OPAQUE) return { kind: 'opaque', path: directory };
  if (name.startsWith(`${PREFIX}${PREFIX}`)) return { kind: 'reserved' };
  const removed = name.slice(PREFIX.length);
  if (removed === '' || removed === '.' || removed === '..') return { kind: 'invalid' };
  return { kind: 'whiteout', path: (directory === '' ? removed : `${directory}/${removed}`) as TreePath };
}
