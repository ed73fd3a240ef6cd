import { ArchiveError } from './error.ts';

/** One record of a pax extended header: both sides are bytes in the archive; keywords are kept as UTF-8 text. */
export type PaxRecord = readonly [keyword: string, value: Buffer];

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;

/**
 * Reads an extended header (POSIX.1-2017 pax, "pax Extended Header"): `length keyword=value\n`, where length counts it all.
 * Strict, because readers differ in what they make of a malformed one.
 */
export function parsePax(body: Buffer): PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let at = 0; at < body.length; ) {
    const record = nextRecord(body.subarray(at));
    records.push(parseRecord(record));
    at += record.length;
  }
  return records;
}

function nextRecord(rest: Buffer): Buffer {
  const space = rest.subarray(0, 11).indexOf(SPACE);
  const digits = rest.toString('latin1', 0, Math.max(space, 0));
  const length = /^[1-9][0-9]*$/.test(digits) ? Number(digits) : 0;
  if (length <= space || length > rest.length || rest[length - 1] !== NEWLINE)
    throw new ArchiveError('a pax header that is malformed');
  return rest.subarray(0, length);
}

function parseRecord(record: Buffer): PaxRecord {
  const start = record.indexOf(SPACE) + 1;
  const equals = record.indexOf(EQUALS, start);
  if (equals <= start) throw new ArchiveError('a pax header that is malformed');
  const keyword = record.subarray(start, equals);
  const text = keyword.toString();
  if (!Buffer.from(text).equals(keyword) || text.includes('\0'))
    throw new ArchiveError('a pax header with a keyword that is not UTF-8 text');
  return [text, Buffer.from(record.subarray(equals + 1, -1))];
}

/** Writes an extended header that {@link parsePax} reads back. */
export function encodePax(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(records.map(encodeRecord));
}

function encodeRecord([keyword, value]: PaxRecord): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${keyword}=`), value, Buffer.from('\n')]);
  let length = rest.length + String(rest.length).length;
  if (String(length).length + rest.length > length) length++;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Pax attributes by keyword. Later records win, a local header wins over a global one, an empty value takes back. */
export function paxAttributes(...headers: readonly (readonly PaxRecord[])[]): ReadonlyMap<string, Buffer> {
  const attributes = new Map<string, Buffer>();
  for (const [keyword, value] of headers.flat()) {
    const isRevoked = value.length === 0 && !keyword.startsWith(XATTR);
    if (isRevoked) attributes.delete(keyword);
    else attributes.set(keyword, value);
  }
  return attributes;
}

/** Before the name of an extended attribute (star, GNU tar, Go, bsdtar); its value is bytes and may be empty. */
export const XATTR = 'SCHILY.xattr.';

/** A decimal integer among pax attributes. */
export function paxInteger(attributes: ReadonlyMap<string, Buffer>, keyword: string): number | undefined {
  const value = attributes.get(keyword)?.toString('latin1');
  if (value === undefined) return undefined;
  if (!/^[0-9]{1,20}$/.test(value) || !Number.isSafeInteger(Number(value)))
    throw new ArchiveError(`a pax header whose ${keyword} is not a number in range`);
  return Number(value);
}

/** A time among pax attributes, in nanoseconds since 1970: decimal seconds with any number of digits. */
export function paxTime(attributes: ReadonlyMap<string, Buffer>, keyword: string): bigint | undefined {
  const value = attributes.get(keyword)?.toString('latin1');
  if (value === undefined) return undefined;
  const [, sign, seconds, fraction = ''] = /^(-?)([0-9]{1,12})(?:\.([0-9]{0,40}))?$/.exec(value) ?? [];
  if (seconds === undefined) throw new ArchiveError(`a pax header whose ${keyword} is not a time`);
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -nanoseconds : nanoseconds;
}

/** A time as pax writes it. */
export function formatPaxTime(nanoseconds: bigint): string {
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = String(magnitude % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const seconds = `${nanoseconds < 0n ? '-' : ''}${magnitude / 1_000_000_000n}`;
  return fraction === '' ? seconds : `${seconds}.${fraction}`;
}
