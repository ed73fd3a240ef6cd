import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Admission, admit } from './store/admit.ts';
import { type BlobSource, type StagedBlob, stageBlob } from './store/blob.ts';
import { expectedCode, importing, StoreError } from './store/error.ts';
import type { StoredImage } from './store/image.ts';
import {
  blobsDirectory,
  imagesDirectory,
  type Store,
  temporaryDirectory,
  treesDirectory,
} from './store/layout.ts';

/**
 * Opens the image store of a data directory, and makes what is missing of it. Only its owner may enter: trees hold
 * set-user-ID programs from anywhere, which nobody should be able to run outside of a pod.
 */
export function openStore(dataDirectory: string): Store {
  const store: Store = { path: join(dataDirectory, 'cas') };
  const directories = [blobsDirectory, imagesDirectory, treesDirectory, temporaryDirectory];
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o755 });
    for (const path of [store.path, ...directories.map((directory) => directory(store))])
      mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = expectedCode(error);
    throw code === undefined ? error : new StoreError(dataDirectory, code, error);
  }
  return store;
}

/** Decides about staged bytes, before anything decompresses or parses them; throws to refuse them. */
export type Decide = (staged: StagedBlob) => Admission | Promise<Admission>;

/** Brings an ACI into the store: its bytes, then the decision about them, then what is in them. `name` names it in errors. */
export async function importAci(
  store: Store,
  { name, source, decide }: { readonly name: string; readonly source: BlobSource; readonly decide: Decide },
): Promise<StoredImage> {
  using staged = await importing(name, () => stageBlob(store, source));
  return await admit(store, staged, await decide(staged));
}
