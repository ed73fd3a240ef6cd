import { showTreePath, type TreePath } from '../tree-path.ts';

/** A layer that cannot be unpacked: `unpack layer: "a/b": why`. ERR_LAYER_NEEDS_LOWER: not without the layers below it. */
export class LayerError extends Error {
  readonly code: 'ERR_LAYER' | 'ERR_LAYER_NEEDS_LOWER';
  constructor(path: TreePath, why: string, code: LayerError['code'] = 'ERR_LAYER') {
    super(`unpack layer: ${showTreePath(path)}: ${why}`);
    this.name = 'LayerError';
    this.code = code;
  }
}
