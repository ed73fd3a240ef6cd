import { alignmentOf, DBusProtocolError, type DBusValue, typesOf, type Variant } from './dbus-types.ts';

/** Values laid out as D-Bus sends them (specification, "Marshalling"), little-endian; the first byte is at a multiple of 8. */
export function marshal(signature: string, values: readonly DBusValue[]): Buffer {
  const out: Output = { parts: [], length: 0 };
  typesOf(signature).forEach((type, index) => {
    write(out, type, values[index] ?? '');
  });
  return Buffer.concat(out.parts);
}

interface Output {
  readonly parts: Buffer[];
  length: number;
}

function write(out: Output, type: string, value: DBusValue): void {
  pad(out, alignmentOf(type));
  const number = NUMBERS[type];
  if (number !== undefined) append(out, number(value as number));
  else if (type === 's' || type === 'o') writeString(out, String(value));
  else if (type === 'g') writeSignature(out, String(value));
  else if (type === 'v') writeVariant(out, value as Variant);
  else if (type.startsWith('a')) writeArray(out, type.slice(1), value as readonly DBusValue[]);
  else writeFields(out, type.slice(1, -1), value as readonly DBusValue[]);
}

const NUMBERS: Readonly<Record<string, (value: number | bigint | boolean) => Buffer>> = {
  y: (value) => sized(1, (bytes) => bytes.writeUInt8(Number(value))),
  b: (value) => sized(4, (bytes) => bytes.writeUInt32LE(value ? 1 : 0)),
  i: (value) => sized(4, (bytes) => bytes.writeInt32LE(Number(value))),
  u: (value) => sized(4, (bytes) => bytes.writeUInt32LE(Number(value))),
  x: (value) => sized(8, (bytes) => bytes.writeBigInt64LE(BigInt(value))),
  t: (value) => sized(8, (bytes) => bytes.writeBigUInt64LE(BigInt(value))),
};

function sized(size: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  fill(bytes);
  return bytes;
}

function writeString(out: Output, text: string): void {
  if (text.includes('\0')) throw new DBusProtocolError(`a D-Bus string holds NUL: ${JSON.stringify(text)}`);
  const bytes = Buffer.from(`${text}\0`);
  append(
    out,
    sized(4, (length) => length.writeUInt32LE(bytes.length - 1)),
  );
  append(out, bytes);
}

function writeSignature(out: Output, signature: string): void {
  append(out, Buffer.from([signature.length, ...Buffer.from(signature), 0]));
}

function writeVariant(out: Output, { signature, value }: Variant): void {
  writeSignature(out, signature);
  write(out, signature, value);
}

/** The length does not count the padding before the first element. */
function writeArray(out: Output, element: string, values: readonly DBusValue[]): void {
  const length = Buffer.alloc(4);
  append(out, length);
  pad(out, alignmentOf(element));
  const start = out.length;
  for (const value of values) write(out, element, value);
  length.writeUInt32LE(out.length - start);
}

function writeFields(out: Output, signature: string, values: readonly DBusValue[]): void {
  typesOf(signature).forEach((type, index) => {
    write(out, type, values[index] ?? '');
  });
}

function pad(out: Output, alignment: number): void {
  append(out, Buffer.alloc(-out.length & (alignment - 1)));
}

function append(out: Output, bytes: Buffer): void {
  out.parts.push(bytes);
  out.length += bytes.length;
}
