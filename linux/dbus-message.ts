import { unmarshal } from './dbus-reader.ts';
import { DBusProtocolError, type DBusValue, variant } from './dbus-types.ts';
import { marshal } from './dbus-writer.ts';

/** A method of an object of a service, and what to call it with. */
export interface MethodCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly DBusValue[];
}

export interface Message {
  readonly type: 'call' | 'return' | 'error' | 'signal';
  readonly replyTo: number | undefined;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly errorName: string;
  readonly body: readonly DBusValue[];
}

const LITTLE_ENDIAN = 0x6c;
const TYPES = ['call', 'return', 'error', 'signal'] as const;
const VERSION = 1;

/** Header fields of the specification, "Header Fields". */
const FIELD = {
  path: 1,
  interface: 2,
  member: 3,
  errorName: 4,
  replySerial: 5,
  destination: 6,
  signature: 8,
} as const;

/** Endianness, type, flags, version, length of the body, serial and length of the fields. */
export const FIXED_SIZE = 16;
const LARGEST = 1 << 20;

export function packCall(call: MethodCall, serial: number): Buffer {
  const { destination, path, interface: of, member, signature = '', body = [] } = call;
  const fields: DBusValue[] = [
    [FIELD.path, variant('o', path)],
    [FIELD.interface, variant('s', of)],
    [FIELD.member, variant('s', member)],
    [FIELD.destination, variant('s', destination)],
    ...(signature === '' ? [] : [[FIELD.signature, variant('g', signature)]]),
  ];
  const bytes = marshal(signature, body);
  const header = marshal('yyyyuua(yv)', [LITTLE_ENDIAN, 1, 0, VERSION, bytes.length, serial, fields]);
  return Buffer.concat([header, Buffer.alloc(-header.length & 7), bytes]);
}

/** The length of a whole message, of which the first FIXED_SIZE bytes are given. */
export function messageLength(start: Buffer): number {
  if (start[0] !== LITTLE_ENDIAN || start[3] !== VERSION)
    throw new DBusProtocolError(
      'D-Bus message: not of version 1, or in the order of bytes of another machine',
    );
  const length = headerLength(start) + start.readUInt32LE(4);
  if (length > LARGEST) throw new DBusProtocolError(`D-Bus message: ${length} bytes are too many`);
  return length;
}

function headerLength(start: Buffer): number {
  return Math.ceil((FIXED_SIZE + start.readUInt32LE(12)) / 8) * 8;
}

export function parseMessage(bytes: Buffer): Message {
  const start = headerLength(bytes);
  const [, type, , , , , list] = unmarshal('yyyyuua(yv)', bytes.subarray(0, start));
  const fields = new Map(
    (list as readonly [number, { value: DBusValue }][]).map(([code, { value }]) => [code, value]),
  );
  const text = (code: number) => String(fields.get(code) ?? '');
  const replyTo = fields.get(FIELD.replySerial);
  return {
    type: TYPES[Number(type) - 1] ?? 'signal',
    replyTo: replyTo === undefined ? undefined : Number(replyTo),
    path: text(FIELD.path),
    interface: text(FIELD.interface),
    member: text(FIELD.member),
    errorName: text(FIELD.errorName),
    body: unmarshal(text(FIELD.signature), bytes.subarray(start)),
  };
}
