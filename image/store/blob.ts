import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { cloneFile } from '../../linux/clone-file.ts';
import { type Digest, makeDigest } from '../../schema/digest.ts';
import { type BlobHasher, blobHasher } from '../../trust/openpgp/blob-hasher.ts';
import { passingChunks } from '../file-chunks.ts';
import type { Download } from '../http/download.ts';
import { ImportError } from './error.ts';
import type { Store } from './layout.ts';
import { writeAt } from './partial.ts';
import { beginDownload, discardPartial, discardRefused, type PartialDownload } from './partial-download.ts';
import { makeTemporary } from './temporary.ts';

/** Where an image's bytes come from: a local file, a stream, or a download that can be gone on with. */
export type BlobSource =
  | { readonly path: string }
  | { readonly chunks: AsyncIterable<Uint8Array> }
  | ResumableSource;

/** The rest of a file, or all of it, and where what came earlier is. */
export interface ResumableSource {
  readonly partial: PartialDownload;
  readonly download: Pick<Download, 'start' | 'total' | 'validators' | 'bytes'>;
}

/** Bytes in the store that nobody has looked into yet. They are the ones that were hashed, and nobody else can change them. */
export interface StagedBlob extends Disposable {
  /** In `cas/tmp` or `cas/partial`, until it is admitted. */
  readonly path: string;
  readonly fd: number;
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Brings an image's bytes into the store, through `hasher`, which hashes SHA-512 and whatever signatures need. Nothing is
 * decompressed or parsed: the caller decides first whether to trust them. Dispose of the result in any case. A download that fails
 * stays for another attempt; complete bytes are gone when they are disposed of, as they have been refused by then, or admitted.
 */
export async function stageBlob(
  store: Store,
  source: BlobSource,
  hasher: BlobHasher = blobHasher(['sha512']),
): Promise<StagedBlob> {
  return 'partial' in source ? await stageDownload(source, hasher) : await stageCopy(store, source, hasher);
}

type CopiedSource = Exclude<BlobSource, ResumableSource>;

async function stageCopy(store: Store, source: CopiedSource, hasher: BlobHasher): Promise<StagedBlob> {
  const temporary = makeTemporary(store, 'blob');
  let fd: number | undefined;
  const discard = () => {
    if (fd !== undefined) closeSync(fd);
    temporary[Symbol.dispose]();
  };
  try {
    const path = join(temporary.path, 'blob');
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o644);
    const size = await fill(fd, source, hasher);
    const digest = makeDigest('sha512', hasher.digest('sha512').toString('hex'));
    return { path, fd, digest, size, [Symbol.dispose]: discard };
  } catch (error) {
    discard();
    throw error;
  }
}

async function stageDownload(
  { partial, download }: ResumableSource,
  hasher: BlobHasher,
): Promise<StagedBlob> {
  const { path, fd } = partial;
  const discard = () => {
    using _locked = partial;
    discardPartial(partial);
  };
  try {
    beginDownload(partial, download);
    const before = await hashInto(passingChunks(fd), undefined, hasher);
    const size = before + (await hashInto(download.bytes, fd, hasher, before));
    const digest = makeDigest('sha512', hasher.digest('sha512').toString('hex'));
    return { path, fd, digest, size, [Symbol.dispose]: discard };
  } catch (error) {
    using _locked = partial;
    discardRefused(partial, error);
    throw error;
  }
}

async function fill(fd: number, source: CopiedSource, hasher: BlobHasher): Promise<number> {
  if (!('path' in source)) return await hashInto(source.chunks, fd, hasher);
  const from = openRegular(source.path);
  try {
    return cloneFile(from, fd)
      ? await hashInto(passingChunks(fd), undefined, hasher)
      : await hashInto(passingChunks(from), fd, hasher);
  } finally {
    closeSync(from);
  }
}

/** Without O_NONBLOCK a fifo would make us wait for a writer. */
function openRegular(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new ImportError(path, 'not a regular file');
}

/** Hashes chunks, and writes them to `target` when there is one, from `position` on: in one pass, so that what is hashed is what is kept. Gives their number. */
async function hashInto(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  target: number | undefined,
  hasher: BlobHasher,
  position = 0,
): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) {
    if (target !== undefined) writeAt(target, chunk, position + size);
    hasher.update(chunk);
    size += chunk.length;
  }
  return size;
}
