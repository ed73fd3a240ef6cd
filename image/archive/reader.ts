import { type ByteSource, byteSource } from './byte-source.ts';
import { mappedPieces, plainPieces, type StoredContent, sparsePieces } from './content.ts';
import type { TarStream } from './driver.ts';
import type { ArchiveEntry, EntryHeader, Piece } from './entry.ts';
import { ArchiveError } from './error.ts';
import { checkBlock, entryHeader, type Head, isExtension, storedSize } from './head.ts';
import { BLOCK, headerNumber, isZeroBlock, padding, typeFlag } from './header-block.ts';
import type { ArchiveLimits } from './limits.ts';
import { type PaxRecord, parsePax, paxAttributes } from './pax.ts';
import * as sparse from './sparse.ts';

/** Reads entries up to the end mark, then takes the rest of the chunks; `tar` is closed at the end. */
export async function* readEntries(
  chunks: AsyncIterable<Buffer>,
  tar: TarStream,
  limits: ArchiveLimits,
): AsyncGenerator<ArchiveEntry> {
  const source = byteSource(chunks);
  const reader: Reader = { source, tar, limits, globals: [] };
  try {
    for (let count = 0; ; count++) {
      const head = await readHead(reader);
      if (head === undefined) break;
      if (count === limits.entries) throw new ArchiveError(`more than ${limits.entries} entries`);
      const content = storedContent(reader, storedSize(head));
      yield await openEntry(reader, head, content);
      while ((await content.next()) !== undefined);
    }
    while ((await source.some(Number.MAX_SAFE_INTEGER)) !== undefined);
  } finally {
    tar.close();
    await source.close();
  }
}

interface Reader {
  readonly source: ByteSource;
  readonly tar: TarStream;
  readonly limits: ArchiveLimits;
  globals: readonly PaxRecord[];
}

type FullHead = Head & { readonly records: readonly PaxRecord[] };

/** Reads headers until one introduces an entry; undefined at the end mark. */
async function readHead(reader: Reader): Promise<FullHead | undefined> {
  let records: readonly PaxRecord[] = [];
  for (let extensions = 0; extensions <= MAX_EXTENSIONS; extensions++) {
    const block = await takeBlock(reader);
    if (extensions === 0 && isZeroBlock(block)) return undefined;
    checkBlock(block);
    if (!isExtension(block)) return await openHead(reader, block, records);
    const body = await readExtension(reader, block);
    const flag = typeFlag(block);
    if (flag === 'x') records = parsePax(body);
    else if (flag === 'g') reader.globals = mergeGlobals(reader.globals, parsePax(body));
  }
  return fail(`more than ${MAX_EXTENSIONS} headers before an entry`);
}

/** They are looked at for every entry: a few are enough for anybody. */
function mergeGlobals(globals: readonly PaxRecord[], records: readonly PaxRecord[]): readonly PaxRecord[] {
  const merged = [...paxAttributes(globals, records)];
  return merged.length <= MAX_GLOBALS ? merged : fail(`more than ${MAX_GLOBALS} global pax attributes`);
}

const MAX_GLOBALS = 100;

async function openHead(reader: Reader, block: Buffer, records: readonly PaxRecord[]): Promise<FullHead> {
  const header = await reader.tar.open(block);
  return { block, header, records, attributes: paxAttributes(reader.globals, records) };
}

/** pax header, global pax header, GNU long name and long link: at most a few of them stand before an entry. */
const MAX_EXTENSIONS = 8;

/** The body of a header that extends the next one; tar-stream gets it too, for the sizes and GNU long names in it. */
async function readExtension({ source, tar, limits }: Reader, block: Buffer): Promise<Buffer> {
  const size = headerNumber(block, 'size');
  if (size === 0) fail('an extended header without content'); // after one, tar-stream takes content for headers
  if (size < 0 || size > limits.extendedHeader)
    throw new ArchiveError(`an extended header of more than ${limits.extendedHeader} bytes`);
  const body = (await source.take(size + padding(size))) ?? fail(TRUNCATED);
  tar.feed(Buffer.concat([block, body]));
  return body.subarray(0, size);
}

/** The stored bytes of the current entry, on their way through tar-stream, and the padding after them. */
function storedContent({ source, tar }: Reader, size: number): StoredContent {
  let left = size;
  let isOpen = true;
  return {
    async next() {
      if (left > 0) {
        const bytes = (await source.some(left)) ?? fail(TRUNCATED);
        left -= bytes.length;
        return await tar.pass(bytes);
      }
      if (isOpen) {
        isOpen = false;
        tar.endEntry((await source.take(padding(size))) ?? fail(TRUNCATED));
      }
      return undefined;
    },
  };
}

async function openEntry(reader: Reader, head: FullHead, content: StoredContent): Promise<ArchiveEntry> {
  const header = entryHeader(head);
  const stored = storedSize(head);
  if (typeFlag(head.block) === 'S') return await oldSparseEntry(reader, head, header, content);
  const format = header.type === 'file' ? sparse.paxSparseFormat(head.attributes) : undefined;
  if (format === undefined) return { ...header, pieces: plainPieces(content) };
  if (format === 'header')
    return mapped(header, sparse.paxHeaderSparse(head.records, head.attributes), stored, content);
  const size = sparse.paxBodySparseSize(head.attributes);
  return { ...header, size, pieces: mappedPieces(content, size, stored) };
}

/** The blocks that go on with the map stand before the content and are not part of its size: tar-stream must not see them. */
async function oldSparseEntry(reader: Reader, head: Head, header: EntryHeader, content: StoredContent) {
  const map = sparse.oldGnuSparse(head.block);
  const extents = [...map.extents];
  for (let { isExtended } = map; isExtended; ) {
    const more = sparse.oldGnuExtension(await takeBlock(reader));
    extents.push(...more.extents);
    if (extents.length > sparse.MAX_EXTENTS) fail('a sparse file with too many extents');
    isExtended = more.isExtended;
  }
  return mapped(header, { size: map.size, extents }, storedSize(head), content);
}

function mapped(
  header: EntryHeader,
  map: sparse.SparseMap,
  stored: number,
  content: StoredContent,
): ArchiveEntry {
  sparse.checkSparseMap(map, stored);
  const pieces: AsyncIterable<Piece> = sparsePieces(content, map.extents);
  return { ...header, size: map.size, pieces };
}

async function takeBlock({ source }: Reader): Promise<Buffer> {
  return (await source.take(BLOCK)) ?? fail(TRUNCATED);
}

const TRUNCATED = 'ends too early';

function fail(problem: string): never {
  throw new ArchiveError(problem);
}
