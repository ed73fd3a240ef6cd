import { ArchiveError } from './error.ts';
import { parseNumber } from './header-block.ts';
import { type PaxRecord, paxInteger } from './pax.ts';

/** Where a part of a sparse file's stored bytes belongs. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface SparseMap {
  /** The file's size, holes included. */
  readonly size: number;
  readonly extents: readonly Extent[];
}

export const MAX_EXTENTS = 1 << 18;

/** Refuses a map whose extents overlap, leave the file, or are not what the archive stores. */
export function checkSparseMap({ size, extents }: SparseMap, stored: number): void {
  let end = 0;
  let total = 0;
  for (const { offset, length } of extents) {
    if (offset < end || offset + length > size) throw new ArchiveError('a sparse file whose map is wrong');
    end = offset + length;
    total += length;
  }
  if (total !== stored) throw new ArchiveError('a sparse file whose map does not match its content');
}

/** GNU tar's old format (`tar.h`, struct oldgnu_header): 4 extents at 386, "more follow" at 482, the size at 483. */
export function oldGnuSparse(header: Buffer): SparseMap & { readonly isExtended: boolean } {
  return {
    size: parseNumber(header.subarray(483, 495), 'size'),
    extents: extentFields(header, 386, 4),
    isExtended: header[482] !== 0,
  };
}

/** A block that goes on with the map (struct sparse_header): 21 extents, "more follow" at 504. */
export function oldGnuExtension(block: Buffer): { extents: readonly Extent[]; isExtended: boolean } {
  return { extents: extentFields(block, 0, 21), isExtended: block[504] !== 0 };
}

/** Extents of 12 + 12 bytes; an unused one, and the one that only says where the file ends, have length 0. */
function extentFields(block: Buffer, start: number, count: number): Extent[] {
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * 24;
    const field = (from: number) => parseNumber(block.subarray(from, from + 12), 'sparse map');
    return { offset: field(at), length: field(at + 12) };
  }).filter(({ length }) => length !== 0);
}

/** Which of the formats of GNU tar's manual, "Storing Sparse Files", the attributes speak of. */
export function paxSparseFormat(attributes: ReadonlyMap<string, Buffer>): 'header' | 'body' | undefined {
  if (attributes.get('GNU.sparse.major')?.toString() === '1') return 'body'; // 1.0
  if (attributes.has('GNU.sparse.map')) return 'header'; // 0.1
  return attributes.has('GNU.sparse.size') ? 'header' : undefined; // 0.0
}

/** The map of formats 0.0 (an offset and a length record per extent) and 0.1 (one record with all numbers). */
export function paxHeaderSparse(
  records: readonly PaxRecord[],
  attributes: ReadonlyMap<string, Buffer>,
): SparseMap {
  const map = attributes.get('GNU.sparse.map')?.toString('latin1').split(',');
  const repeated = records.filter(([keyword]) => /^GNU\.sparse\.(offset|numbytes)$/.test(keyword));
  const numbers = map ?? repeated.map(([, value]) => value.toString('latin1'));
  return { size: requiredSize(attributes, 'GNU.sparse.size'), extents: pairs(numbers) };
}

/** The size a file of format 1.0 has; its map stands before its content. */
export function paxBodySparseSize(attributes: ReadonlyMap<string, Buffer>): number {
  return requiredSize(attributes, 'GNU.sparse.realsize');
}

/**
 * The map of format 1.0: decimal numbers, each followed by a newline: how many extents, then offset and length of each.
 * `line` gives the next number's text.
 */
export async function readBodyMap(line: () => Promise<string>): Promise<readonly Extent[]> {
  const count = decimal(await line());
  if (count > MAX_EXTENTS) throw new ArchiveError('a sparse file with too many extents');
  const numbers: string[] = [];
  while (numbers.length < count * 2) numbers.push(await line());
  return pairs(numbers);
}

function requiredSize(attributes: ReadonlyMap<string, Buffer>, keyword: string): number {
  const size = paxInteger(attributes, keyword);
  if (size === undefined) throw new ArchiveError(`a sparse file without ${keyword}`);
  return size;
}

function pairs(numbers: readonly string[]): Extent[] {
  if (numbers.length === 1 && numbers[0] === '') return [];
  if (numbers.length % 2 !== 0) throw new ArchiveError('a sparse file whose map is wrong');
  const extents: Extent[] = [];
  for (let index = 0; index < numbers.length; index += 2)
    extents.push({ offset: decimal(numbers[index]), length: decimal(numbers[index + 1]) });
  return extents.filter(({ length }) => length !== 0);
}

function decimal(text = ''): number {
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new ArchiveError('a sparse file whose map is wrong');
  return Number(text);
}
