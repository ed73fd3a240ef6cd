import type { Decoder } from './decode.ts';
import { DecodeError, show } from './decode-error.ts';
import { parseNatively } from './native-json.ts';

/** Bounds for a document from outside. `what` names it in errors ("image manifest"). */
export interface JsonLimits {
  readonly what: string;
  /** Default 4 MiB, what registries allow for a manifest. */
  readonly maxBytes?: number;
  /** How deep arrays and objects may nest; default 64. */
  readonly maxDepth?: number;
}

/**
 * Parses JSON (RFC 8259) from outside. Stricter than `JSON.parse`: size and depth are bounded, invalid UTF-8 is refused,
 * and so is a key given twice in one object (readers disagree on which one counts). Integers a double cannot hold come as bigint.
 * Throws DecodeError: `image manifest: not JSON at line 3, column 7: expected a value, got "x"`.
 */
export function parseJson(source: string | Uint8Array, limits: JsonLimits): unknown {
  const { what, maxBytes = 4 * 1024 * 1024, maxDepth = 64 } = limits;
  if (source.length > maxBytes) throw new DecodeError(what, `larger than ${maxBytes} bytes`);
  const text = typeof source === 'string' ? source : decodeUtf8(source, what);
  const agreed = parseNatively(text, maxDepth);
  if (agreed !== undefined) return agreed.value;
  const reader: Reader = { text, what, maxDepth, position: 0, depth: 0 };
  const value = readValue(reader);
  skipSpace(reader);
  if (reader.position < text.length) fail(reader, 'expected the end');
  return value;
}

/** Parses JSON and decodes it; an error names the document and the place in it. */
export function decodeJson<T>(source: string | Uint8Array, decoder: Decoder<T>, limits: JsonLimits): T {
  const value = parseJson(source, limits);
  try {
    return decoder(value);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(limits.what, error.message);
  }
}

interface Reader {
  readonly text: string;
  readonly what: string;
  readonly maxDepth: number;
  position: number;
  depth: number;
}

function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DecodeError(what, 'not valid UTF-8');
  }
}

function readValue(reader: Reader): unknown {
  skipSpace(reader);
  switch (reader.text[reader.position]) {
    case '{':
      return readNested(reader, readObject);
    case '[':
      return readNested(reader, readArray);
    case '"':
      return readString(reader);
    default:
      return readScalar(reader);
  }
}

function readNested(reader: Reader, read: (reader: Reader) => unknown): unknown {
  if (++reader.depth > reader.maxDepth) fail(reader, `nested deeper than ${reader.maxDepth} levels`, '');
  reader.position++;
  const value = read(reader);
  reader.depth--;
  return value;
}

function readObject(reader: Reader): Record<string, unknown> {
  const members = new Map<string, unknown>();
  while (!readEnd(reader, '}', members.size)) {
    skipSpace(reader);
    if (reader.text[reader.position] !== '"') fail(reader, 'expected a key');
    const key = readString(reader);
    if (members.has(key)) fail(reader, `key ${show(key)} is given twice`, '');
    skipSpace(reader);
    if (reader.text[reader.position] !== ':') fail(reader, 'expected ":"');
    reader.position++;
    members.set(key, readValue(reader));
  }
  return Object.fromEntries(members); // defines, never assigns: `__proto__` becomes a plain member
}

function readArray(reader: Reader): unknown[] {
  const elements: unknown[] = [];
  while (!readEnd(reader, ']', elements.length)) elements.push(readValue(reader));
  return elements;
}

/** Reads what stands between members: the closing bracket (true), or, after the first, a comma (false). */
function readEnd(reader: Reader, bracket: string, count: number): boolean {
  skipSpace(reader);
  const character = reader.text[reader.position];
  if (character === bracket) {
    reader.position++;
    return true;
  }
  if (count === 0) return false;
  if (character !== ',') fail(reader, `expected "," or "${bracket}"`);
  reader.position++;
  return false;
}

/** Finds the string's end, and lets JSON.parse undo escapes (it refuses the wrong ones, and control characters). */
function readString(reader: Reader): string {
  const { text, position } = reader;
  let end = position + 1;
  while (end < text.length && text.charCodeAt(end) !== 0x22) end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  try {
    const value: string = JSON.parse(text.slice(position, end + 1));
    reader.position = end + 1;
    return value;
  } catch {
    return fail(reader, 'expected a string that ends, without control characters or unknown escapes');
  }
}

const scalar = /true|false|null|-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

function readScalar(reader: Reader): unknown {
  scalar.lastIndex = reader.position;
  const match = scalar.exec(reader.text);
  if (match === null) return fail(reader, 'expected a value');
  reader.position = scalar.lastIndex;
  const value: unknown = JSON.parse(match[0]);
  const isInteger = typeof value === 'number' && match[1] === undefined && match[2] === undefined;
  return isInteger && !Number.isSafeInteger(value) ? bigInteger(reader, match[0]) : value;
}

/** BigInt takes quadratic time; nothing we read has integers of more than 64 bits. */
function bigInteger(reader: Reader, digits: string): bigint {
  return digits.length <= 40 ? BigInt(digits) : fail(reader, 'number too long', '');
}

function skipSpace(reader: Reader): void {
  const { text } = reader;
  while (' \t\n\r'.includes(text[reader.position] ?? 'x')) reader.position++;
}

function fail(reader: Reader, problem: string, got = gotAt(reader)): never {
  const lines = reader.text.slice(0, reader.position).split('\n');
  const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  throw new DecodeError(reader.what, `not JSON at ${place}: ${problem}${got}`);
}

function gotAt({ text, position }: Reader): string {
  return `, got ${position < text.length ? show(text.slice(position, position + 20)) : 'the end'}`;
}
