import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobHasher } from '../trust/openpgp/blob-hasher.ts';
import { type Admission, admit } from './store/admit.ts';
import { type BlobSource, type StagedBlob, stageBlob } from './store/blob.ts';
import { expectedCode, importing, StoreError } from './store/error.ts';
import type { StoredImage } from './store/image.ts';
import {
  blobsDirectory,
  imagesDirectory,
  layersDirectory,
  partialDirectory,
  type Store,
  temporaryDirectory,
  treesDirectory,
  unsyncedDirectory,
} from './store/layout.ts';
import { dropLostParts } from './store/unsynced.ts';

/**
 * Opens the image store of a data directory, and makes what is missing of it. Only its owner may enter: trees hold
 * set-user-ID programs from anywhere, which nobody should be able to run outside of a pod.
 */
export function openStore(dataDirectory: string): Store {
  const store: Store = { path: join(dataDirectory, 'cas') };
  const directories = [
    blobsDirectory,
    imagesDirectory,
    treesDirectory,
    layersDirectory,
    partialDirectory,
    unsyncedDirectory,
    temporaryDirectory,
  ];
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o755 });
    for (const path of [store.path, ...directories.map((directory) => directory(store))])
      mkdirSync(path, { recursive: true, mode: 0o700 });
    dropLostParts(store);
  } catch (error) {
    const code = expectedCode(error);
    throw code === undefined ? error : new StoreError(dataDirectory, code, error);
  }
  return store;
}

/** Decides about staged bytes, before anything decompresses or parses them; throws to refuse them. */
export type Decide = (staged: StagedBlob) => Admission | Promise<Admission>;

/** An ACI to be brought into the store. */
export interface AciImport {
  /** Names it in errors. */
  readonly name: string;
  readonly source: BlobSource;
  /** What the bytes go through on their way; hashes SHA-512 at least. */
  readonly hasher?: BlobHasher;
  readonly decide: Decide;
}

/** Brings an ACI into the store: its bytes, then the decision about them, then what is in them. */
export async function importAci(
  store: Store,
  { name, source, hasher, decide }: AciImport,
): Promise<StoredImage> {
  using staged = await importing(name, () => stageBlob(store, source, hasher));
  return await admit(store, staged, await decide(staged));
}
