import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../linux/durable-file.ts';
import { formatJson } from '../schema/format-json.ts';
import { type ImageId, makeImageId } from '../schema/image-id.ts';
import { encodeImageManifest, type ImageManifest } from '../schema/image-manifest.ts';
import type { ArchiveEntry, Piece } from './archive/entry.ts';
import { writeArchive } from './archive.ts';
import { compress } from './compress.ts';
import type { Chunks, Compression } from './compression.ts';
import { gathered } from './gathered.ts';
import { type LayeredTree, readTree } from './read-tree.ts';

export interface WriteAciOptions {
  /** What the image is; bytes are written as they are. */
  readonly manifest: ImageManifest | Uint8Array;
  /** A directory on disk, or layers of one; or entries whose names begin with `rootfs`, in order. */
  readonly rootfs: string | LayeredTree | AsyncIterable<ArchiveEntry>;
  /** The file to make or replace. */
  readonly out: string;
  readonly compression: Compression;
}

export interface WrittenAci {
  readonly id: ImageId;
  /** Of the file, in bytes. */
  readonly size: number;
}

/**
 * Writes an ACI: the manifest first, then the root file system. The same manifest and tree give the same ID, wherever and
 * whenever. The file appears when it is complete.
 */
export async function writeAci(options: WriteAciOptions): Promise<WrittenAci> {
  const hash = createHash('sha512');
  const chunks = compress(tee(gathered(writeArchive(aciEntries(options))), hash), options.compression);
  const size = await writeFileOnce(options.out, chunks);
  return { id: makeImageId(hash.digest('hex')), size };
}

async function* aciEntries({ manifest, rootfs }: WriteAciOptions): AsyncGenerator<ArchiveEntry> {
  yield manifestEntry(manifest instanceof Uint8Array ? manifest : encode(manifest));
  const isMade = typeof rootfs === 'object' && Symbol.asyncIterator in rootfs;
  yield* isMade ? rootfs : readTree(rootfs, 'rootfs');
}

function encode(manifest: ImageManifest): Buffer {
  return Buffer.from(formatJson(encodeImageManifest(manifest)));
}

/** A manifest has no time and no owner of its own: 1970 and root, so that the image ID says nothing but what it is. */
function manifestEntry(content: Uint8Array): ArchiveEntry {
  const bytes = Buffer.from(content);
  async function* pieces(): AsyncGenerator<Piece> {
    yield { position: 0, bytes };
  }
  return {
    path: Buffer.from('manifest'),
    type: 'file',
    linkTarget: Buffer.alloc(0),
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0n,
    major: 0,
    minor: 0,
    size: bytes.length,
    xattrs: new Map(),
    pieces: pieces(),
  };
}

async function* tee(chunks: Chunks, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Writes beside the target, then renames: whoever looks sees the old file or the new one. */
async function writeFileOnce(out: string, chunks: Chunks): Promise<number> {
  const temporary = `${out}.${process.pid}.new`;
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644);
  let size = 0;
  try {
    for await (const chunk of chunks) size += writeAll(fd, chunk);
    fsyncSync(fd);
    renameSync(temporary, out);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  syncDirectory(dirname(out));
  return size;
}

function writeAll(fd: number, bytes: Buffer): number {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
  return bytes.length;
}
