import { alignmentOf, DBusProtocolError, type DBusValue, typesOf } from './dbus-types.ts';

/** The values of these types that stand in little-endian `bytes`, the first byte of which is at a multiple of 8. */
export function unmarshal(signature: string, bytes: Buffer): readonly DBusValue[] {
  const input: Input = { bytes, at: 0 };
  return typesOf(signature).map((type) => read(input, type, 0));
}

interface Input {
  readonly bytes: Buffer;
  at: number;
}

/** Variants nest without a signature that would tell before. */
const DEEPEST = 64;

function read(input: Input, type: string, depth: number): DBusValue {
  if (depth > DEEPEST) throw new DBusProtocolError('D-Bus message: nested too deep');
  input.at += -input.at & (alignmentOf(type) - 1);
  const number = NUMBERS[type];
  if (number !== undefined) return number(input);
  if (type === 's' || type === 'o') return readText(input, input.bytes.readUInt32LE(take(input, 4)));
  if (type === 'g') return readText(input, input.bytes.readUInt8(take(input, 1)));
  if (type === 'v') return readVariant(input, depth);
  if (type.startsWith('a')) return readArray(input, type.slice(1), depth);
  return typesOf(type.slice(1, -1)).map((field) => read(input, field, depth + 1));
}

const NUMBERS: Readonly<Record<string, (input: Input) => number | bigint | boolean>> = {
  y: (input) => input.bytes.readUInt8(take(input, 1)),
  b: (input) => input.bytes.readUInt32LE(take(input, 4)) !== 0,
  n: (input) => input.bytes.readInt16LE(take(input, 2)),
  q: (input) => input.bytes.readUInt16LE(take(input, 2)),
  i: (input) => input.bytes.readInt32LE(take(input, 4)),
  u: (input) => input.bytes.readUInt32LE(take(input, 4)),
  h: (input) => input.bytes.readUInt32LE(take(input, 4)),
  x: (input) => input.bytes.readBigInt64LE(take(input, 8)),
  t: (input) => input.bytes.readBigUInt64LE(take(input, 8)),
  d: (input) => input.bytes.readDoubleLE(take(input, 8)),
};

/** Where the next `length` bytes begin, which are there. */
function take(input: Input, length: number): number {
  const { at, bytes } = input;
  if (at + length > bytes.length) throw new DBusProtocolError('D-Bus message: shorter than its types');
  input.at += length;
  return at;
}

/** A NUL follows that does not count. */
function readText(input: Input, length: number): string {
  const start = take(input, length + 1);
  return input.bytes.toString('utf8', start, start + length);
}

function readVariant(input: Input, depth: number): DBusValue {
  const signature = readText(input, input.bytes.readUInt8(take(input, 1)));
  const [type, another] = typesOf(signature);
  if (type === undefined || another !== undefined)
    throw new DBusProtocolError(`D-Bus message: a variant of type ${JSON.stringify(signature)}`);
  return { signature, value: read(input, type, depth + 1) };
}

function readArray(input: Input, element: string, depth: number): DBusValue {
  const length = input.bytes.readUInt32LE(take(input, 4));
  input.at += -input.at & (alignmentOf(element) - 1);
  const end = input.at + length;
  if (end > input.bytes.length)
    throw new DBusProtocolError('D-Bus message: an array longer than the message');
  const values: DBusValue[] = [];
  while (input.at < end) values.push(read(input, element, depth + 1));
  return values;
}
