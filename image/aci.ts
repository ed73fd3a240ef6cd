import { createHash, type Hash } from 'node:crypto';
import { type ImageId, makeImageId } from '../schema/image-id.ts';
import { type ImageManifest, imageManifest } from '../schema/image-manifest.ts';
import { decodeJson } from '../schema/json.ts';
import { AciError } from './aci/error.ts';
import { placeAciEntry } from './aci/place.ts';
import type { ArchiveEntry } from './archive/entry.ts';
import { readArchive } from './archive.ts';
import { type Chunks, type Compression, decompress, detectCompression, MAGIC_LENGTH } from './compression.ts';
import type { PlacedEntry } from './extract.ts';

/** What an ACI says of itself. */
export interface Aci {
  /** `sha512-` and the SHA-512 of the uncompressed tar. */
  readonly id: ImageId;
  readonly manifest: ImageManifest;
  /** The manifest as it stands in the image. */
  readonly manifestBytes: Buffer;
  readonly compression: Compression;
}

/** Told of each entry below `rootfs/`, in the archive's order; its content can be read until the promise settles. */
export type AciVisitor = (placed: PlacedEntry) => Promise<void> | void;

const MAX_MANIFEST = 4 * 1024 * 1024;

/**
 * Reads an ACI in one pass: decompresses it, computes its ID, parses its manifest, and shows `visit` its root file system.
 * Nobody else's bytes should get here before they are verified. Throws AciError, ArchiveError, CompressionError, DecodeError.
 */
export async function readAci(chunks: Chunks, visit: AciVisitor): Promise<Aci> {
  const hash = createHash('sha512');
  const { compression, all } = await sniff(chunks);
  let manifestBytes: Buffer | undefined;
  let hasRootfs = false;
  for await (const entry of readArchive(hashing(decompress(all, compression), hash))) {
    const part = placeAciEntry(entry);
    if (part === 'manifest') {
      if (manifestBytes !== undefined) throw new AciError('"manifest" comes twice');
      manifestBytes = await readSmallFile(entry, MAX_MANIFEST);
    } else if (part !== 'nothing') {
      hasRootfs = true;
      await visit(part);
    }
  }
  if (manifestBytes === undefined) throw new AciError('no "manifest"');
  if (!hasRootfs) throw new AciError('no "rootfs"');
  const manifest = parseManifest(manifestBytes);
  return { id: makeImageId(hash.digest('hex')), manifest, manifestBytes, compression };
}

/** Parses an image manifest; an error names the place in it. */
export function parseManifest(bytes: Uint8Array): ImageManifest {
  return decodeJson(bytes, imageManifest, { what: 'image manifest', maxBytes: MAX_MANIFEST });
}

/** The content of an entry of at most `limit` bytes. */
export async function readSmallFile(entry: ArchiveEntry, limit: number): Promise<Buffer> {
  if (entry.size > limit)
    throw new AciError(`${JSON.stringify(entry.path.toString())} is larger than ${limit} bytes`);
  const content = Buffer.alloc(entry.size);
  for await (const { position, bytes } of entry.pieces) bytes.copy(content, position);
  return content;
}

/** Looks at the first bytes, and gives all of them. */
async function sniff(chunks: Chunks): Promise<{ compression: Compression; all: Chunks }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  for (let length = 0; length < MAGIC_LENGTH; ) {
    const { value, done } = await iterator.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  const head = first.length === 1 && first[0] ? first[0] : Buffer.concat(first);
  return { compression: detectCompression(head), all: resume(head, iterator) };
}

async function* resume(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* { [Symbol.asyncIterator]: () => iterator };
}

async function* hashing(chunks: Chunks, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
