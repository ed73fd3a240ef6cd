import { DecodeError } from '../../schema/decode-error.ts';

/**
 * The fields of a form (application/x-www-form-urlencoded, in the URL Standard) by their names, their values byte for byte: what
 * is signed need not be text. A field given twice is a DecodeError: readers disagree on which one counts.
 */
export function parseForm(body: Uint8Array): ReadonlyMap<string, Buffer> {
  const fields = new Map<string, Buffer>();
  for (const field of Buffer.from(body).toString('latin1').split('&')) {
    if (field === '') continue;
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(field) ?? [];
    const key = unescaped(name).toString();
    if (fields.has(key)) throw new DecodeError('form', `a field is given twice: ${JSON.stringify(key)}`);
    fields.set(key, unescaped(value));
  }
  return fields;
}

/** `latin1` holds a byte in each character; `+` is a space, and a % that no byte follows is itself. */
function unescaped(latin1: string): Buffer {
  const bytes = latin1
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
