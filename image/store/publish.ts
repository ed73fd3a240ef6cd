import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFile, syncDirectory } from '../../linux/durable-file.ts';
import { lock } from '../../linux/lock.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Digest } from '../../schema/digest.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { ImageId } from '../../schema/image-id.ts';
import { RECORD, readImage } from './image.ts';
import { blobFile, imageDirectory, type Store, treeIdOf } from './layout.ts';
import { type ImageRecord, preferredRecord } from './record.ts';
import { makeTemporary } from './temporary.ts';
import { publishTree } from './tree.ts';

/** Complete and synchronized parts of an image in `cas/tmp`, to be renamed into place. */
export interface ImageParts {
  readonly blob: string;
  /** Undefined where it has to be rendered. */
  readonly tree: string | undefined;
  /** The directory with manifest and record. */
  readonly image: string;
  /** A directory in `cas/tmp` to write in. */
  readonly scratch: string;
}

/**
 * Puts an image into the store: tree, blob, and last what makes it visible. Of an image that is there already, also as another
 * file, one copy stays. Killed at any step, it leaves a store in which every visible image is complete.
 */
export function publishImage(store: Store, id: ImageId, record: ImageRecord, parts: ImageParts): void {
  using _exclusive = lock(store.path, 'exclusive');
  if (parts.tree !== undefined) publishTree(store, treeIdOf([id]), parts.tree);
  const known = readComplete(store, id);
  if (known === undefined) {
    publishBlob(store, record.blob, parts.blob);
    rmSync(imageDirectory(store, id), { recursive: true, force: true });
    moveInto(parts.image, imageDirectory(store, id));
    return;
  }
  const preferred = preferredRecord(known, record);
  if (preferred.blob !== known.blob) publishBlob(store, preferred.blob, parts.blob);
  replaceRecord(store, id, preferred, parts.scratch);
  if (preferred.blob !== known.blob) rmSync(blobFile(store, known.blob), { force: true });
}

/** The record of an image that is there with all its parts; one that is broken gets replaced. */
function readComplete(store: Store, id: ImageId): ImageRecord | undefined {
  try {
    const { record } = readImage(store, id);
    return existsSync(blobFile(store, record.blob)) ? record : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return undefined;
    throw error;
  }
}

/** Gives a complete blob its name. */
export function publishBlob(store: Store, digest: Digest, blob: string): void {
  const target = blobFile(store, digest);
  for (const directory of [dirname(dirname(target)), dirname(target)])
    if (!existsSync(directory)) {
      mkdirSync(directory, { mode: 0o700 });
      syncDirectory(dirname(directory));
    }
  moveInto(blob, target);
}

/** Renames; the new name is on the disk when it returns. */
export function moveInto(from: string, to: string): void {
  renameSync(from, to);
  syncDirectory(dirname(to));
}

/** Remembers with an image what it depends on; gives its record. */
export function keepDependencies(
  store: Store,
  id: ImageId,
  dependencies: NonNullable<ImageRecord['dependencies']>,
): ImageRecord {
  using temporary = makeTemporary(store, 'record');
  using _exclusive = lock(store.path, 'exclusive');
  const { record } = readImage(store, id);
  const changed = { ...record, dependencies };
  if (formatRecord(changed) !== formatRecord(record)) replaceRecord(store, id, changed, temporary.path);
  return changed;
}

/** Replaces an image's record; it is written in `scratch`, where a sweep finds what is left of it. */
export function replaceRecord(store: Store, id: ImageId, record: ImageRecord, scratch: string): void {
  const written = join(scratch, RECORD);
  createFile(written, formatRecord(record));
  moveInto(written, join(imageDirectory(store, id), RECORD));
}

export function formatRecord(record: ImageRecord): string {
  return `${formatJson(record, 2)}\n`;
}
