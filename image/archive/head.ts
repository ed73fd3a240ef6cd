import type { EntryHeader, EntryType } from './entry.ts';
import { ArchiveError } from './error.ts';
import { hasRightChecksum, headerNumber, isBlank, typeFlag } from './header-block.ts';
import { paxInteger, paxTime, XATTR } from './pax.ts';

/** What we use of tar-stream's reading of a header: text with one character per byte. */
export interface TarStreamHeader {
  readonly name: string;
  readonly linkname: string | null;
  readonly size: number;
  readonly mode: number;
  readonly devmajor: number;
  readonly devminor: number;
}

/** An entry's header block as it stands in the archive, as tar-stream reads it, and the pax attributes that go with it. */
export interface Head {
  readonly block: Buffer;
  readonly header: TarStreamHeader;
  readonly attributes: ReadonlyMap<string, Buffer>;
}

/** The entry that a head describes, without its real size if it is sparse. Throws ArchiveError where readers would differ. */
export function entryHeader(head: Head): EntryHeader {
  const { block, header, attributes } = head;
  const path = attributes.get('GNU.sparse.name') ?? attributes.get('path') ?? latin1(header.name);
  const type = entryType(typeFlag(block), path);
  const entry: EntryHeader = {
    path,
    type,
    linkTarget: pointsElsewhere(type) ? target(head) : Buffer.alloc(0),
    mode: header.mode & 0o7777,
    uid: owner(paxInteger(attributes, 'uid') ?? headerNumber(block, 'uid')),
    gid: owner(paxInteger(attributes, 'gid') ?? headerNumber(block, 'gid')),
    mtime: paxTime(attributes, 'mtime') ?? BigInt(headerNumber(block, 'mtime')) * 1_000_000_000n,
    major: header.devmajor,
    minor: header.devminor,
    size: type === 'file' ? storedSize(head) : 0,
    xattrs: xattrs(attributes),
  };
  checkNames(entry);
  if (type !== 'file' && storedSize(head) !== 0) throw problem(path, `a ${type} with content`);
  return entry;
}

/** How many bytes of content follow the header; tar-stream must find the same, or we would lose each other. */
export function storedSize({ block, header, attributes }: Head): number {
  const size = paxInteger(attributes, 'size') ?? headerNumber(block, 'size');
  if (size < 0) throw new ArchiveError('an entry of negative size');
  if (size !== header.size) throw new ArchiveError(`an entry whose size is ${size} or ${header.size}`);
  return size;
}

function pointsElsewhere(type: EntryType): boolean {
  return type === 'link' || type === 'symlink';
}

function target({ header, attributes }: Head): Buffer {
  return attributes.get('linkpath') ?? latin1(header.linkname ?? '');
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function entryType(flag: string, path: Buffer): EntryType {
  const type = types[flag] ?? 'file';
  const isDirectory = type === 'file' && path.at(-1) === 0x2f; // how archives before ustar mark a directory
  return isDirectory ? 'directory' : type;
}

/** Refuses a header block that tar-stream would not answer with an entry, or that nobody would know what to do with. */
export function checkBlock(block: Buffer): void {
  if (isBlank(block)) throw new ArchiveError('a header without content, or one that nothing follows');
  if (!hasRightChecksum(block))
    throw new ArchiveError('a header with a wrong checksum, or not a tar archive');
  const name = block.subarray(0, block.indexOf(0));
  const flag = typeFlag(block);
  if (types[flag] === undefined && !isExtension(block))
    throw problem(name, `a type that is not supported, ${JSON.stringify(flag)}`);
}

/** Whether the block introduces what extends the next entry's header: pax attributes, local or global, or a GNU long name. */
export function isExtension(block: Buffer): boolean {
  return 'xgLK'.includes(typeFlag(block));
}

/** `7` is a contiguous file, `S` GNU tar's old sparse file. */
const types: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
  S: 'file',
};

/** The last user ID is what chown(2) takes for "as it is". */
function owner(id: number): number {
  if (id < 0 || id >= 0xffffffff) throw new ArchiveError('an entry whose owner is out of range');
  return id;
}

function xattrs(attributes: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  const found = [...attributes].filter(([keyword]) => keyword.startsWith(XATTR));
  return new Map(found.map(([keyword, value]) => [keyword.slice(XATTR.length), value]));
}

const MAX_PATH = 4096;

function checkNames({ path, type, linkTarget }: EntryHeader): void {
  if (path.length === 0) throw new ArchiveError('an entry without a name');
  for (const name of [path, linkTarget]) {
    if (name.includes(0)) throw problem(path, 'a name that contains NUL');
    if (name.length > MAX_PATH) throw problem(path, `a name longer than ${MAX_PATH} bytes`);
  }
  if (pointsElsewhere(type) && linkTarget.length === 0) throw problem(path, `a ${type} that points nowhere`);
}

/** `archive: entry "a/b": what is wrong`, with the name made safe to print. */
function problem(path: Buffer, what: string): ArchiveError {
  return new ArchiveError(`entry ${JSON.stringify(path.toString().slice(0, 200))}: ${what}`);
}
