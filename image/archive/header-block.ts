import { ArchiveError } from './error.ts';

/** tar blocks, POSIX.1-2017 pax "ustar Interchange Format": everything stands at multiples of 512 bytes. */
export const BLOCK = 512;

/** How many bytes fill up the last block of `size` bytes. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

export function isZeroBlock(block: Buffer): boolean {
  return block.equals(zeroBlock);
}

/** Whether tar-stream would take the block for the end mark: it does not look at the checksum, at 148 to 155. */
export function isBlank(block: Buffer): boolean {
  const [before, after] = [block.subarray(0, 148), block.subarray(156)];
  return before.equals(zeroBlock.subarray(0, 148)) && after.equals(zeroBlock.subarray(156));
}

/** Whether the checksum, octal digits at 148, is right: the sum of all bytes, its own field taken for spaces. */
export function hasRightChecksum(block: Buffer): boolean {
  const own = block.subarray(148, 156);
  return sumOf(block) - sumOf(own) + own.length * 0x20 === octal(own);
}

/** An indexed loop, because there are 512 bytes for every entry. */
function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += bytes[at] ?? 0;
  return sum;
}

const zeroBlock = Buffer.alloc(BLOCK);

/** The letter or digit that tells what the block introduces; NUL is the old way to say "0". */
export function typeFlag(block: Buffer): string {
  return String.fromCharCode(block[156] || 0x30);
}

/** Fields of a header block: offset and length. */
const numbers = { uid: [108, 8], gid: [116, 8], size: [124, 12], mtime: [136, 12] } as const;

/** A numeric field. tar-stream's reading of them takes −1 for 0 and garbage for a prefix of it; an empty field is 0. */
export function headerNumber(block: Buffer, name: keyof typeof numbers): number {
  const [offset, length] = numbers[name];
  return parseNumber(block.subarray(offset, offset + length), name);
}

/** Octal digits among spaces and NULs, or, when the first bit is set, a big-endian two's complement number (GNU). */
export function parseNumber(field: Buffer, name: string): number {
  const value = (field[0] ?? 0) & 0x80 ? base256(field) : octal(field);
  if (value === undefined) throw new ArchiveError(`a header whose ${name} is not a number`);
  if (!Number.isSafeInteger(value)) throw new ArchiveError(`a header whose ${name} is out of range`);
  return value;
}

function octal(field: Buffer): number | undefined {
  const digits = /^[ \0]*([0-7]*)(?:[ \0].*)?$/s.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits || '0', 8);
}

/** The first bit only marks the format; the next one is the sign. */
function base256(field: Buffer): number {
  const magnitude = BigInt(`0x${field.toString('hex')}`);
  return Number(BigInt.asIntN(field.length * 8 - 1, magnitude));
}
