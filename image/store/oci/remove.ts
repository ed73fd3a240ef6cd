import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { layersDirectory, type Store } from '../layout.ts';
import { listImages } from '../lookup.ts';
import { removeTree } from '../remove-tree.ts';
import { makeTemporary } from '../temporary.ts';
import { claimUnusedLayers } from './in-use.ts';

/**
 * Removes the unpacked layers that neither an image nor `inUse` names; gives their names. A broken image may have any: while there
 * is one, or somebody imports one, all stay.
 */
export function removeLayers(store: Store, inUse: ReadonlySet<string>): readonly string[] {
  using temporary = makeTemporary(store, 'removed');
  const names = moveUnused(store, inUse, temporary.path);
  removeTree(temporary.path);
  return names;
}

function moveUnused(store: Store, inUse: ReadonlySet<string>, to: string): readonly string[] {
  using unused = claimUnusedLayers(store);
  const { images, broken } = listImages(store);
  if (unused === undefined || broken.length > 0) return [];
  const named = new Set(
    images.flatMap(({ record }) => record.oci?.layers.map(({ layer }): string => layer) ?? []),
  );
  const names = readdirSync(layersDirectory(store)).filter((name) => !inUse.has(name) && !named.has(name));
  for (const name of names) renameSync(join(layersDirectory(store), name), join(to, name));
  return names;
}
