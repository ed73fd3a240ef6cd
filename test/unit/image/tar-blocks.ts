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

export function header(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const put = (value: string | Buffer, at: number) => Buffer.from(value as string, 'latin1').copy(block, at);
  put(fields.name ?? 'a', 0);
  put(octal(fields.mode ?? 0o644, 8), 100);
  put(octal(fields.uid ?? 0, 8), 108);
  put(octal(0, 8), 116);
  put(fields.sizeField ?? octal(fields.size ?? 0, 12), 124);
  put(octal(fields.mtime ?? 1, 12), 136);
  put(fields.type ?? '0', 156);
  put(fields.linkname ?? '', 157);
  put(fields.magic ?? 'ustar\u000000', 257);
  put(octal(fields.major ?? 0, 8), 329);
  put(octal(fields.minor ?? 0, 8), 337);
  for (const [offset, bytes] of fields.patches ?? []) put(bytes as string, offset);
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
