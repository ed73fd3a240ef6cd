import { fstatSync, readSync } from 'node:fs';
import { ArchiveError } from '../archive/error.ts';
import { BLOCK, headerNumber, isZeroBlock, padding, typeFlag } from '../archive/header-block.ts';
import { parsePax, paxAttributes, paxInteger } from '../archive/pax.ts';
import { parseTreePath } from '../tree-path.ts';

/** Where a file's bytes are in a tar; `link` for what is a link, and so no file. */
export type TarMember = { readonly offset: number; readonly size: number } | 'link';

/** The most members of an archive of blobs, and the most bytes of a header that extends another. */
const MAX_MEMBERS = 100_000;
const MAX_EXTENSION = 1 << 20;

/**
 * Finds the files of a tar without reading their content, so that they can be read in any order. A name that comes twice is
 * refused: readers differ in which one counts. For archives that hold blobs, not for layers.
 */
export function indexTar(fd: number): ReadonlyMap<string, TarMember> {
  const members = new Map<string, TarMember>();
  const end = fstatSync(fd).size;
  let extensions: Extensions = {};
  for (let position = 0; position < end; ) {
    const block = readAt(fd, position, BLOCK);
    if (isZeroBlock(block)) break;
    const size = memberSize(block, extensions, end - position - BLOCK);
    if (isExtension(block)) extensions = extend(extensions, typeFlag(block), readBody(fd, position, size));
    else {
      addMember(members, extensions.path ?? headerName(block), member(block, position, size));
      extensions = {};
    }
    position += BLOCK + size + padding(size);
  }
  return members;
}

/** pax headers, GNU long names and long links stand before the member they are about. */
function isExtension(block: Buffer): boolean {
  return 'xgLK'.includes(typeFlag(block));
}

function memberSize(block: Buffer, extensions: Extensions, left: number): number {
  checkSum(block);
  const size = (isExtension(block) ? undefined : extensions.size) ?? headerNumber(block, 'size');
  if (size < 0 || size > left) throw new ArchiveError('it ends inside a file');
  const isLink = '12'.includes(typeFlag(block));
  if (isLink && size > 0) throw new ArchiveError('a link with content'); // some readers skip it, some do not
  return size;
}

interface Extensions {
  readonly path?: Buffer;
  readonly size?: number;
}

function extend(known: Extensions, flag: string, body: Buffer): Extensions {
  if (flag === 'L') return { ...known, path: body.subarray(0, indexOrEnd(body, 0)) };
  if (flag === 'K') return known;
  const attributes = paxAttributes(parsePax(body));
  const path = attributes.get('path');
  const size = paxInteger(attributes, 'size');
  if (flag === 'g' && (path !== undefined || size !== undefined))
    throw new ArchiveError('a global header with a name or a size');
  return { ...known, ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size }) };
}

function addMember(members: Map<string, TarMember>, name: Buffer, found: TarMember | undefined): void {
  const parsed = parseTreePath(name);
  if ('problem' in parsed)
    throw new ArchiveError(`name ${JSON.stringify(name.toString())} ${parsed.problem}`);
  if (found === undefined) return;
  if (members.has(parsed.path)) throw new ArchiveError(`${JSON.stringify(parsed.path)} comes twice`);
  if (members.size === MAX_MEMBERS) throw new ArchiveError(`more than ${MAX_MEMBERS} files`);
  members.set(parsed.path, found);
}

/** Directories and special files are of no interest here. */
function member(block: Buffer, position: number, size: number): TarMember | undefined {
  const flag = typeFlag(block);
  if (flag === '0' || flag === '7') return { offset: position + BLOCK, size };
  return flag === '1' || flag === '2' ? 'link' : undefined;
}

/** ustar: name at 0 (100 bytes), prefix at 345 (155 bytes) where the magic at 257 says so. */
function headerName(block: Buffer): Buffer {
  const field = (start: number, length: number) => {
    const bytes = block.subarray(start, start + length);
    return bytes.subarray(0, indexOrEnd(bytes, 0));
  };
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? field(345, 155) : Buffer.alloc(0);
  return prefix.length === 0 ? field(0, 100) : Buffer.concat([prefix, Buffer.from('/'), field(0, 100)]);
}

function indexOrEnd(bytes: Buffer, byte: number): number {
  const index = bytes.indexOf(byte);
  return index < 0 ? bytes.length : index;
}

/** The checksum is the sum of all bytes, its own eight (at 148) counted as spaces. */
function checkSum(block: Buffer): void {
  const text = block.toString('latin1', 148, 156);
  const own = block.subarray(148, 156).reduce((sum, byte) => sum + byte, 0);
  const sum = block.reduce((total, byte) => total + byte, 0) - own + 8 * 0x20;
  const written = /^[ \0]*([0-7]+)/.exec(text)?.[1];
  if (written === undefined || Number.parseInt(written, 8) !== sum)
    throw new ArchiveError('not a tar archive');
}

function readBody(fd: number, position: number, size: number): Buffer {
  if (size > MAX_EXTENSION) throw new ArchiveError(`a header of more than ${MAX_EXTENSION} bytes`);
  return readAt(fd, position + BLOCK, size);
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) throw new ArchiveError('it ends inside a header');
    done += count;
  }
  return bytes;
}
