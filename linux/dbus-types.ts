/** A value of D-Bus. Structures and arrays are arrays; a dictionary is an array of pairs; 64-bit integers are bigint. */
export type DBusValue = boolean | number | bigint | string | Variant | readonly DBusValue[];

/** A value that brings its type along. */
export interface Variant {
  readonly signature: string;
  readonly value: DBusValue;
}

export const variant = (signature: string, value: DBusValue): Variant => ({ signature, value });

/** A message that does not keep to the D-Bus specification, or to what we asked for. */
export class DBusProtocolError extends Error {
  readonly code = 'ERR_DBUS_PROTOCOL';
}

/** Nested deeper than the specification allows. */
const DEEPEST = 64;

/** The single complete types of a signature: `sa(sv)` is `s` and `a(sv)`. */
export function typesOf(signature: string): readonly string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at, 0);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

function endOfType(signature: string, at: number, depth: number): number {
  const code = signature[at] ?? '';
  if (depth > DEEPEST) throw new DBusProtocolError('D-Bus signature: nested too deep');
  if (code === 'a') return endOfType(signature, at + 1, depth + 1);
  const close = { '(': ')', '{': '}' }[code];
  if (close === undefined) {
    if (!(code in ALIGNMENT)) throw new DBusProtocolError(`D-Bus signature: ${JSON.stringify(signature)}`);
    return at + 1;
  }
  let end = at + 1;
  while (signature[end] !== close) end = endOfType(signature, end, depth + 1);
  if (end === at + 1) throw new DBusProtocolError('D-Bus signature: an empty structure');
  return end + 1;
}

/** At a multiple of what a value begins, by the first letter of its type. */
const ALIGNMENT: Readonly<Record<string, number>> = {
  y: 1,
  b: 4,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  x: 8,
  t: 8,
  d: 8,
  h: 4,
  s: 4,
  o: 4,
  g: 1,
  v: 1,
  a: 4,
  '(': 8,
  '{': 8,
};

export function alignmentOf(type: string): number {
  return ALIGNMENT[type[0] ?? ''] ?? 1;
}
