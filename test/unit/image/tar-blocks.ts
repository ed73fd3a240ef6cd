/** Makes tar archives block by block, also ones that no tool would write. */
export interface HeaderFields {
  readonly name?: string | Buffer;
  readonly type?: string;
  readonly size?: number;
  /** The size field as it is, instead of octal digits. */
  readonly sizeField?: Buffer;
  readonly linkname?: string | Buffer;
  readonly mode?: number;
  readonly uid?: number;
  readonly mtime?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly magic?: string;
  /** Bytes at offsets, before the checksum is made. */
  readonly patches?: readonly (readonly [offset: number, bytes: Buffer | string])[];
}

export const endMark = Buffer.alloc(1024);

const usual = {
  name: 'a',
  type: '0',
  size: 0,
  linkname: '',
  mode: 0o644,
  uid: 0,
  mtime: 1,
  major: 0,
  minor: 0,
};

export function header(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(512);
  const all = { ...usual, magic: 'ustar\u000000', patches: [], ...fields };
  const put = (value: string | Buffer, at: number) => Buffer.from(value as string, 'latin1').copy(block, at);
  put(all.name, 0);
  put(octal(all.mode, 8), 100);
  put(octal(all.uid, 8), 108);
  put(octal(0, 8), 116);
  put(all.sizeField ?? octal(all.size, 12), 124);
  put(octal(all.mtime, 12), 136);
  put(all.type, 156);
  put(all.linkname, 157);
  put(all.magic, 257);
  put(octal(all.major, 8), 329);
  put(octal(all.minor, 8), 337);
  for (const [offset, bytes] of all.patches) put(bytes, offset);
  block.fill(' ', 148, 156);
  put(
    octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  return block;
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}

export function padded(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** An entry with content; its size is the content's. */
export function entry(fields: HeaderFields, content: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([header({ size: bytes.length, ...fields }), padded(bytes)]);
}

/** A pax header with these records. */
export function pax(records: Readonly<Record<string, string | Buffer>>, type = 'x'): Buffer {
  return entry({ name: 'PaxHeader', type }, Buffer.concat(Object.entries(records).map(paxRecord)));
}

export function paxRecord([keyword, value]: readonly [string, string | Buffer]): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${keyword}=`), Buffer.from(value as string), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

export function archive(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, endMark]);
}

/** Bytes in chunks of one size. */
export async function* inChunks(bytes: Buffer, size = 1024 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
