import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bootId } from '../../linux/boot-id.ts';
import { createFile, syncDirectory } from '../../linux/durable-file.ts';
import { lock } from '../../linux/lock.ts';
import { syncFileSystem } from '../../linux/sync-file-system.ts';
import { hasCode } from '../../linux/system-error.ts';
import { array, type Infer, object, string } from '../../schema/decode.ts';
import { type Digest, digest, digestAlgorithm, makeDigest } from '../../schema/digest.ts';
import { formatJson } from '../../schema/format-json.ts';
import { type ImageId, imageId } from '../../schema/image-id.ts';
import { decodeJson } from '../../schema/json.ts';
import { passingChunks } from '../file-chunks.ts';
import { readImage } from './image.ts';
import { blobFile, imageDirectory, layerDirectory, type Store, unsyncedDirectory } from './layout.ts';
import { listImages } from './lookup.ts';
import { layerId } from './oci/layer-id.ts';
import { blobsOf } from './record.ts';
import { removeTree } from './remove-tree.ts';

/** Parts of an image of which nobody has made sure yet that they are on the disk. */
type Unsynced = Infer<typeof unsynced>;

const parts = { image: imageId, blobs: array(digest), layers: array(layerId) };
const unsynced = object(parts);

/** The same, and since which start of the machine. */
const mark = object({ boot: string, ...parts });

/**
 * Notes that these are about to be published without having been forced to the disk: that would take longer than to import them,
 * and what they hold can be had again. Should the machine crash, the next start looks at them.
 */
export function markUnsynced(store: Store, parts: Unsynced): void {
  const text = `${formatJson({ boot: bootId(), ...parts })}\n`;
  createFile(join(unsyncedDirectory(store), `${crypto.randomUUID()}.json`), text);
  syncDirectory(unsyncedDirectory(store));
}

/** Has all that the store holds on the disk before it returns. */
export function syncStore(store: Store): void {
  const names = marksIn(store);
  if (names.length === 0) return;
  syncFileSystem(unsyncedDirectory(store));
  for (const name of names) rmSync(join(unsyncedDirectory(store), name), { force: true });
}

/** By then the kernel has written what was marked, so that to make sure of it takes no time. */
const WRITTEN_MS = 120_000;

/** The same, unless it would have to wait for what was imported just now. */
export function syncOldParts(store: Store): void {
  const ages = marksIn(store).map((name) => {
    const stat = statSync(join(unsyncedDirectory(store), name), { throwIfNoEntry: false });
    return stat === undefined ? Number.POSITIVE_INFINITY : Date.now() - stat.mtimeMs;
  });
  if (ages.length > 0 && ages.every((age) => age > WRITTEN_MS)) syncStore(store);
}

/**
 * After a crash, or any other end of the machine's last run: removes blobs that are not what they are called, with the images that
 * have them, and layers, which are unpacked again when they are needed.
 */
export function dropLostParts(store: Store): void {
  const names = marksIn(store);
  if (names.length === 0) return;
  const boot = bootId();
  using _exclusive = lock(store.path, 'exclusive');
  for (const path of names.map((name) => join(unsyncedDirectory(store), name))) {
    const suspect = readMark(path, boot);
    if (suspect === undefined) continue;
    dropLost(store, suspect);
    rmSync(path, { force: true });
  }
}

function dropLost(store: Store, { blobs, layers, image }: Unsynced): void {
  const lost = new Set(blobs.filter((blob) => !isIntact(blobFile(store, blob), blob)));
  for (const { id, record } of listImages(store).images)
    if (blobsOf(record).some((blob) => lost.has(blob))) removeTree(imageDirectory(store, id));
  if (!isReadable(store, image)) removeTree(imageDirectory(store, image));
  for (const blob of lost) rmSync(blobFile(store, blob), { force: true });
  for (const layer of layers) removeTree(layerDirectory(store, layer));
}

function isReadable(store: Store, id: ImageId): boolean {
  try {
    readImage(store, id);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ERR_DECODE')) return false;
    throw error;
  }
}

/** Undefined: of this run of the machine. A mark that is broken was never complete, and so nothing was published. */
function readMark(path: string, boot: string): Unsynced | undefined {
  try {
    const found = decodeJson(readFileSync(path), mark, { what: path });
    return found.boot === boot ? undefined : found;
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ERR_DECODE')) throw error;
    rmSync(path, { force: true });
    return undefined;
  }
}

function isIntact(path: string, expected: Digest): boolean {
  try {
    const fd = openSync(path, 'r');
    const algorithm = digestAlgorithm(expected);
    const hash = createHash(algorithm);
    try {
      for (const chunk of passingChunks(fd)) hash.update(chunk);
    } finally {
      closeSync(fd);
    }
    return makeDigest(algorithm, hash.digest('hex')) === expected;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function marksIn(store: Store): readonly string[] {
  return readdirSync(unsyncedDirectory(store)).filter((name) => name.endsWith('.json'));
}
