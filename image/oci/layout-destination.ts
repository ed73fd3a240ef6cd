import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { moveDurably, replaceFile } from '../../linux/durable-file.ts';
import { lock } from '../../linux/lock.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { parseLayoutIndex, REF_NAME } from '../../schema/oci/layout.ts';
import { putMerged } from './companion.ts';
import type { ImageDestination } from './destination.ts';
import { companionEntry, indexOf, nameOfCompanion } from './layout-entry.ts';
import { blobPath, MAX_DOCUMENT } from './layout-source.ts';
import { sha256 } from './made-image.ts';
import type { ImageDocument } from './source.ts';
import { verifiedBytes } from './verified-bytes.ts';

/**
 * Puts an image into an image layout in the directory `path`, which is made if it is not there; what else is in it stays.
 * Blobs appear complete and verified; index.json is replaced last, and whole.
 */
export function layoutDestination(path: string, tag?: string): ImageDestination {
  mkdirSync(join(path, 'blobs'), { recursive: true });
  if (!existsSync(join(path, 'oci-layout')))
    replaceFile(join(path, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const entries: Descriptor[] = [];
  const put: Pick<ImageDestination, 'putBlob' | 'putDocument'> = {
    putBlob: (blob, open) => putBlob(path, blob, open()),
    putDocument: ({ digest, bytes, mediaType }) =>
      putBlob(path, { digest, size: bytes.length, mediaType }, chunk(bytes)),
  };
  return {
    ...put,
    hasBlob: async (blob) => hasBlob(path, blob),
    putCompanion: async (companion) => {
      const name = nameOfCompanion(companion);
      const known = name === undefined ? undefined : readNamed(path, name);
      const document = await putMerged(put, known, companion.document);
      entries.push(companionEntry({ ...companion, document }));
    },
    putName: async (document) => {
      using _alone = lock(path, 'exclusive'); // others may put images into this layout meanwhile
      const known = [...readIndex(path), ...entries];
      replaceFile(join(path, 'index.json'), indexOf(known, document, tag));
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** What is no regular file, or of another size, is replaced. */
function hasBlob(path: string, { digest, size }: Descriptor): boolean {
  const found = lstatSync(join(path, blobPath(digest)), { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === size;
}

async function* chunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function putBlob(path: string, blob: Descriptor, bytes: AsyncIterable<Buffer>): Promise<void> {
  const target = join(path, blobPath(blob.digest));
  mkdirSync(dirname(target), { recursive: true });
  const temporary = join(path, 'blobs', `.new-${crypto.randomUUID()}`);
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644);
  try {
    for await (const each of verifiedBytes(bytes, blob)) writeAll(fd, each);
    fsyncSync(fd);
    moveDurably(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function readIndex(path: string): readonly Descriptor[] {
  try {
    return parseLayoutIndex(readFileSync(join(path, 'index.json'))).manifests;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The document that has this name in the layout, if that is what its digest says. */
function readNamed(path: string, name: string): ImageDocument | undefined {
  const entry = readIndex(path).find(({ annotations }) => annotations?.[REF_NAME] === name);
  if (entry === undefined || !hasBlob(path, entry) || entry.size > MAX_DOCUMENT) return undefined;
  const bytes = readFileSync(join(path, blobPath(entry.digest)));
  return sha256(bytes) === entry.digest ? { ...entry, bytes } : undefined;
}
