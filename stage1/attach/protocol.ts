import type { Endpoint } from '../../schema/attach-words.ts';

/**
 * How who attaches and the attendant speak, by messages of a SOCK_SEQPACKET socket: a byte that says what it is, and what
 * belongs to it. The attendant speaks first ('endpoints'), the other answers with what of it is wanted ('attach').
 */
export const MESSAGE = {
  /** From the attendant: what there is to attach to, a set of {@link ENDPOINTS} in a byte. */
  endpoints: 1,
  /** To the attendant: which of these are wanted. */
  attach: 2,
  /** What the app printed. */
  ttyOut: 3,
  stdout: 4,
  stderr: 5,
  /** What it is to read. */
  ttyIn: 6,
  stdin: 7,
  /** There is no more of that: of the terminal this is a Ctrl-D. */
  ttyInEnd: 8,
  stdinEnd: 9,
  /** The size of the terminal: rows and columns, 16 bits each, little-endian. */
  size: 10,
  /** From the attendant: so many bytes of output were left out, 64 bits, for who attached did not read fast enough. */
  lost: 11,
  /** From the attendant: the app has ended, or closed all there is to attach to. */
  end: 12,
} as const;

/** What can be attached to, and its bit. */
export const ENDPOINTS = {
  'tty-in': 1,
  'tty-out': 2,
  stdin: 4,
  stdout: 8,
  stderr: 16,
} as const satisfies Readonly<Record<Endpoint, number>>;
export type { Endpoint };

/** No message has more. */
export const LARGEST_MESSAGE = 16_385;

export function message(type: number, ...content: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(type), ...content]);
}

export function maskOf(endpoints: readonly Endpoint[]): number {
  return endpoints.reduce((mask, endpoint) => mask | ENDPOINTS[endpoint], 0);
}

export function endpointsIn(mask: number): readonly Endpoint[] {
  return (Object.keys(ENDPOINTS) as Endpoint[]).filter((endpoint) => (mask & ENDPOINTS[endpoint]) !== 0);
}

export function sizeMessage({ rows, columns }: { readonly rows: number; readonly columns: number }): Buffer {
  const content = Buffer.alloc(4);
  content.writeUInt16LE(rows, 0);
  content.writeUInt16LE(columns, 2);
  return message(MESSAGE.size, content);
}

export function lostMessage(bytes: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeBigUInt64LE(BigInt(bytes));
  return message(MESSAGE.lost, content);
}
