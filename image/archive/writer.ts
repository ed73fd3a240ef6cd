import type { ArchiveEntry, EntryHeader, EntryType, Piece } from './entry.ts';
import { ArchiveError } from './error.ts';
import { encodePax, formatPaxTime, type PaxRecord, XATTR } from './pax.ts';
import { paxBlocks } from './pax-block.ts';

/** What we use of a tar-stream `Pack`. */
export interface Packer extends AsyncIterable<unknown> {
  entry(header: PackHeader, done: (error?: Error | null) => void): PackSink;
  push(bytes: Buffer): unknown;
  finalize(): void;
  destroy(error?: Error): void;
}

export interface PackSink {
  write(bytes: Buffer): boolean;
  end(): unknown;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

export interface PackHeader {
  readonly name: string;
  readonly type: EntryType;
  readonly linkname?: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: Date;
  readonly devmajor: number;
  readonly devminor: number;
}

/** Writes entries in the order they come. The same entries give the same bytes. */
export async function* writeEntries(
  entries: AsyncIterable<ArchiveEntry>,
  packer: Packer,
): AsyncGenerator<Buffer> {
  const filled = fill(entries, packer).catch((error: Error) => packer.destroy(error));
  try {
    for await (const chunk of packer) yield chunk as Buffer;
  } finally {
    packer.destroy();
  }
  await filled;
}

async function fill(entries: AsyncIterable<ArchiveEntry>, packer: Packer): Promise<void> {
  for await (const entry of entries) {
    const records = paxRecords(entry);
    if (records.length > 0) packer.push(paxBlocks(encodePax(records)));
    await writeEntry(packer, entry);
  }
  packer.finalize();
}

async function writeEntry(packer: Packer, entry: ArchiveEntry): Promise<void> {
  let sink: PackSink | undefined;
  const written = new Promise<void>((resolve, reject) => {
    sink = packer.entry(packHeader(entry), (error) => (error ? reject(error) : resolve()));
    sink.on('error', () => {}); // `written` tells
  });
  written.catch(() => {}); // whoever reads the archive gets the error that came first
  if (sink !== undefined && entry.type === 'file') await writeContent(sink, entry, written);
  await written;
}

async function writeContent(sink: PackSink, entry: ArchiveEntry, written: Promise<void>): Promise<void> {
  for await (const bytes of withoutHoles(entry)) if (!sink.write(bytes)) await drained(sink, written);
  sink.end();
}

function drained(sink: PackSink, ended: Promise<void>): Promise<void> {
  return Promise.race([new Promise<void>((resolve) => void sink.once('drain', resolve)), ended]);
}

const ZEROS = Buffer.alloc(64 * 1024);

async function* withoutHoles({ pieces, size, path }: ArchiveEntry): AsyncGenerator<Buffer> {
  let position = 0;
  for await (const piece of pieces) {
    yield* zeros(piece.position - position);
    yield piece.bytes;
    position = end(piece);
  }
  if (position > size) throw new ArchiveError(`${JSON.stringify(path.toString())} grew while it was read`);
  yield* zeros(size - position);
}

function end({ position, bytes }: Piece): number {
  return position + bytes.length;
}

function* zeros(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}

/** What a ustar header cannot say exactly: long names and those that are not ASCII, large owners, fractions of seconds, attributes. */
export function paxRecords(entry: EntryHeader): PaxRecord[] {
  const text = (keyword: string, value: string): PaxRecord => [keyword, Buffer.from(value)];
  const records: PaxRecord[] = [];
  if (!fitsName(entry.path)) records.push(['path', entry.path]);
  if (!fitsName(entry.linkTarget)) records.push(['linkpath', entry.linkTarget]);
  if (entry.uid > MAX_ID) records.push(text('uid', String(entry.uid)));
  if (entry.gid > MAX_ID) records.push(text('gid', String(entry.gid)));
  if (!fitsTime(entry.mtime)) records.push(text('mtime', formatPaxTime(entry.mtime)));
  const names = [...entry.xattrs.keys()].sort();
  for (const name of names) records.push([XATTR + name, entry.xattrs.get(name) ?? Buffer.alloc(0)]);
  return records;
}

/** tar-stream writes modification times as 32-bit seconds, and owners as 7 octal digits. */
const MAX_TIME = 0x7fffffffn;
const MAX_ID = 0o7777777;
const SECOND = 1_000_000_000n;

function fitsTime(mtime: bigint): boolean {
  return mtime % SECOND === 0n && mtime >= 0n && mtime / SECOND <= MAX_TIME;
}

const MAX_NAME = 100;

function fitsName(name: Buffer): boolean {
  return name.length <= MAX_NAME && name.every((byte) => byte < 0x80);
}

/** The header for tar-stream, with stand-ins for what a pax header says. */
function packHeader(entry: EntryHeader): PackHeader {
  return {
    name: standIn(entry.path),
    type: entry.type,
    ...(entry.linkTarget.length > 0 && { linkname: standIn(entry.linkTarget) }),
    mode: entry.mode | S_IFREG, // tar-stream takes 0 for "not given", and writes the lower 12 bits
    uid: entry.uid > MAX_ID ? 0 : entry.uid,
    gid: entry.gid > MAX_ID ? 0 : entry.gid,
    size: entry.size,
    mtime: new Date(fitsTime(entry.mtime) ? Number(entry.mtime / 1_000_000n) : 0),
    devmajor: entry.major,
    devminor: entry.minor,
  };
}

const S_IFREG = 0o100000;

function standIn(name: Buffer): string {
  return name.toString('latin1', 0, MAX_NAME).replace(/[^\x20-\x7e]/g, '_');
}
