import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { cloneFile } from '../../../linux/clone-file.ts';
import { hasCode } from '../../../linux/system-error.ts';
import { type Digest, digestAlgorithm, makeDigest } from '../../../schema/digest.ts';
import type { Descriptor } from '../../../schema/oci/descriptor.ts';
import { fileChunks } from '../../file-chunks.ts';
import type { BlobPlace, ImageSource } from '../../oci/source.ts';
import { DigestMismatchError, SizeMismatchError } from '../../oci/verified-bytes.ts';
import { blobFile, partialFile, type Store } from '../layout.ts';
import { openPartial, writeAt } from '../partial.ts';
import { takeTurn } from '../take-turn.ts';

/** A blob whose bytes are the descriptor's: in the store already, or complete in `cas/partial`, to be published. */
export interface IncomingBlob extends Disposable {
  readonly digest: Digest;
  readonly fd: number;
  /** Where it is until it is published; undefined when the store has it. */
  readonly partial: string | undefined;
}

/** Told how many bytes of a blob are here. */
export type OnBytes = (done: number) => void;

/** Whom to tell how a blob comes. */
export interface BlobListener {
  readonly onBytes?: OnBytes;
  /** Somebody else fetches it; called once, before waiting for them. */
  readonly onWait?: () => void;
}

/**
 * Brings a blob to this machine, hashed on its way; nothing is returned that was not verified. What an earlier attempt left is
 * gone on with, and whoever else fetches it is waited for.
 */
export async function receiveBlob(
  store: Store,
  source: ImageSource,
  blob: Descriptor,
  { onBytes = () => {}, onWait = () => {} }: BlobListener = {},
): Promise<IncomingBlob> {
  const attempt = async (): Promise<IncomingBlob | undefined> => {
    const { digest } = blob;
    const known = openKnown(store, blob);
    if (known !== undefined) return { digest, fd: known, partial: undefined, ...closing(known) };
    const path = partialFile(store, digest);
    const fd = openPartial(path);
    if (fd === undefined) return undefined;
    try {
      await complete(fd, source, blob, onBytes);
      onBytes(blob.size);
      return { digest, fd, partial: path, ...closing(fd) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  };
  return await takeTurn(attempt, () => {
    onBytes(0);
    onWait();
  });
}

function closing(fd: number): Disposable {
  return { [Symbol.dispose]: () => closeSync(fd) };
}

/** The blob of the store. One that lost its end in a crash is none. */
function openKnown(store: Store, { digest, size }: Descriptor): number | undefined {
  try {
    const fd = openSync(blobFile(store, digest), constants.O_RDONLY);
    if (fstatSync(fd).size === size) return fd;
    closeSync(fd);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  return undefined;
}

/** Fetches what is missing. What was here before may be wrong: then it is fetched once more from the beginning. */
async function complete(fd: number, source: ImageSource, blob: Descriptor, onBytes: OnBytes): Promise<void> {
  const before = fstatSync(fd).size;
  try {
    await fill(fd, source, blob, onBytes);
  } catch (error) {
    if (!(error instanceof DigestMismatchError || error instanceof SizeMismatchError)) throw error;
    ftruncateSync(fd, 0);
    if (before === 0) throw error;
    await fill(fd, source, blob, onBytes);
  }
}

async function fill(fd: number, source: ImageSource, blob: Descriptor, onBytes: OnBytes): Promise<void> {
  const { digest, size } = blob;
  const place = source.locateBlob?.(blob);
  if (place !== undefined && fstatSync(fd).size === 0) cloneWhole(place, fd);
  const target: Target = { fd, size, hash: createHash(digestAlgorithm(digest)), done: 0, onBytes, digest };
  for await (const chunk of fileChunks(fd)) count(target, chunk);
  if (target.done < size) await receive(target, source, blob);
  if (target.done < size) throw new SizeMismatchError(digest, size, String(target.done));
  const actual = makeDigest(digestAlgorithm(digest), target.hash.digest('hex'));
  if (actual !== digest) throw new DigestMismatchError('blob', digest, actual);
}

interface Target {
  readonly fd: number;
  readonly digest: Digest;
  readonly size: number;
  readonly onBytes: OnBytes;
  hash: Hash;
  done: number;
}

/** A file of this machine that is the blob shares its content, where the file system can do that. */
function cloneWhole({ path, offset, size }: BlobPlace, to: number): void {
  const from = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (offset === 0 && fstatSync(from).size === size) cloneFile(from, to);
  } finally {
    closeSync(from);
  }
}

async function receive(target: Target, source: ImageSource, blob: Descriptor): Promise<void> {
  const { start, bytes } = await source.openBlob(blob, target.done);
  if (start !== target.done) {
    ftruncateSync(target.fd, 0);
    target.hash = createHash(digestAlgorithm(blob.digest));
    target.done = 0;
  }
  for await (const chunk of bytes) {
    const position = target.done;
    count(target, chunk);
    writeAt(target.fd, chunk, position);
    target.onBytes(target.done);
  }
}

function count(target: Target, chunk: Buffer): void {
  target.done += chunk.length;
  if (target.done > target.size) throw new SizeMismatchError(target.digest, target.size, 'more');
  target.hash.update(chunk);
}
