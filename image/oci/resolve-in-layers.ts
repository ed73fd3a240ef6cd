import { lstatSync, readlinkSync } from 'node:fs';
import type { TreePath } from '../tree-path.ts';
import { findInLayers, type LowerFile } from './lower-layers.ts';

/** As many links as Linux follows on one way. */
const MAX_LINKS = 40;

/**
 * What a path means for who has these layers (unpacked, the uppermost first) for its root: links are followed, and lead nowhere
 * else; the last component's only with `follow`. Undefined where there is nothing.
 */
export function resolveInLayers(
  layers: readonly string[],
  path: string,
  follow: boolean,
): LowerFile | undefined {
  const walk: Walk = {
    layers,
    follow,
    at: [],
    left: components(Buffer.from(path).toString('latin1')),
    links: 0,
  };
  let found = root(layers);
  while (found !== undefined && walk.left.length > 0) found = step(walk, found);
  return found;
}

interface Walk {
  readonly layers: readonly string[];
  readonly follow: boolean;
  /** The components that lead to where we are, none of them a link. */
  at: string[];
  readonly left: string[];
  links: number;
}

/** Takes one component of the way. */
function step(walk: Walk, here: LowerFile): LowerFile | undefined {
  const next = walk.left.shift();
  if (next === undefined || !here.stat.isDirectory()) return undefined;
  if (next === '..') {
    walk.at.pop();
    return lookUp(walk);
  }
  const found = findInLayers(walk.layers, [...walk.at, next].join('/') as TreePath);
  if (found?.stat.isSymbolicLink() && (walk.follow || walk.left.length > 0)) return followLink(walk, found);
  walk.at.push(next);
  return found;
}

function followLink(walk: Walk, { place }: LowerFile): LowerFile | undefined {
  if (++walk.links > MAX_LINKS) return undefined;
  const target = readlinkSync(place, { encoding: 'buffer' }).toString('latin1');
  if (target.startsWith('/')) walk.at = [];
  walk.left.unshift(...components(target));
  return lookUp(walk);
}

/** The directory we are at. */
function lookUp({ layers, at }: Walk): LowerFile | undefined {
  return at.length === 0 ? root(layers) : findInLayers(layers, at.join('/') as TreePath);
}

/** `/` itself: the uppermost layer's root directory stands for it. */
function root([uppermost]: readonly string[]): LowerFile | undefined {
  return uppermost === undefined ? undefined : { place: Buffer.from(uppermost), stat: lstatSync(uppermost) };
}

function components(path: string): string[] {
  return path.split('/').filter((each) => each !== '' && each !== '.');
}
