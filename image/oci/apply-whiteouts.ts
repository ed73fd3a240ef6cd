import { closeSync, constants } from 'node:fs';
import { makeNode } from '../../linux/device.ts';
import { setLinkTimes } from '../../linux/times.ts';
import { openDirectory, placeIn } from '../extract/directories.ts';
import { leafName, parentPath, rootPath, type TreePath } from '../tree-path.ts';
import { ensureDirectory, inParent, type Layer, statInLayer } from './layer-state.ts';
import { markOpaque } from './overlay-mark.ts';

/**
 * Marks what a layer removes from those below. Whiteouts never touch the layer's own files, wherever in it they stand: a file
 * of its own hides what is below anyway, and a directory of its own must not show what was below.
 */
export async function applyWhiteouts(layer: Layer): Promise<void> {
  for (const path of layer.opaque) {
    await ensureDirectory(layer, path);
    hideBelow(layer, path);
  }
  for (const path of layer.whiteouts) {
    const own = statInLayer(layer, path);
    if (own?.isDirectory()) hideBelow(layer, path);
    else if (own === undefined) await makeWhiteout(layer, path);
  }
}

/** The mark on the root is for us (see `visibleLayers`), those on other directories are for overlayfs. */
function hideBelow({ root, options }: Layer, path: TreePath): void {
  if (path !== rootPath && !statInLayer({ root }, path)?.isDirectory()) return;
  const fd = openDirectory(root, path, constants.O_RDONLY);
  try {
    markOpaque(fd, options.privilege);
  } finally {
    closeSync(fd);
  }
}

async function makeWhiteout(layer: Layer, path: TreePath): Promise<void> {
  const parent = parentPath(path);
  await ensureDirectory(layer, parent);
  const isHidden = parent !== rootPath && isFile(layer, parent);
  if (isHidden) return;
  inParent(layer.root, path, (directory) => {
    makeNode(directory, Buffer.from(`${leafName(path)}\0`, 'latin1'), 'character-device');
    // Nobody sees its time, but the same layer is to be unpacked to the same files.
    setLinkTimes(Buffer.concat([placeIn(directory, path), Buffer.of(0)]), 0n);
  });
}

/** A file of the layer where a directory would have to be: nothing of what is below it shows. */
function isFile(layer: Layer, path: TreePath): boolean {
  const stat = statInLayer(layer, path);
  return stat !== undefined && !stat.isDirectory() && !stat.isSymbolicLink();
}
