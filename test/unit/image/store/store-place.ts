import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredImage } from '../../../../image/store/image.ts';
import type { Store } from '../../../../image/store/layout.ts';
import type { Verification } from '../../../../image/store/record.ts';
import { removeTree } from '../../../../image/store/remove-tree.ts';
import { importAci, openStore } from '../../../../image/store.ts';

export interface StorePlace extends Disposable {
  readonly directory: string;
  readonly store: Store;
}

/** A store, and room for images beside it. */
export function makeStore(): StorePlace {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-store-'));
  return {
    directory,
    store: openStore(join(directory, 'data')),
    [Symbol.dispose]: () => removeTree(directory),
  };
}

export const unverified: Verification = { status: 'unverified' };

export async function importFile(
  store: Store,
  path: string,
  verification = unverified,
): Promise<StoredImage> {
  return await importAci(store, {
    name: path,
    source: { path },
    decide: () => ({ source: path, verify: () => verification }),
  });
}

/** The files of a store below `cas`, without what is inside trees. */
export function storeFiles(store: Store): string[] {
  const names = readdirSync(store.path, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return files
    .map((path) => path.slice(store.path.length + 1))
    .filter((path) => !path.startsWith('tree/'))
    .sort();
}
