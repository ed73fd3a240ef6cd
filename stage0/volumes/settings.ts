import { DecodeError } from '../../schema/decode-error.ts';

/** The pieces of a flag, each `KEY=VALUE`, none twice. */
export function readSettings(pieces: readonly string[]): Readonly<Record<string, string>> {
  const settings = new Map<string, string>();
  for (const piece of pieces) {
    const equals = piece.indexOf('=');
    const key = piece.slice(0, Math.max(equals, 0));
    if (key === '') throw new DecodeError('', `expected KEY=VALUE, got ${JSON.stringify(piece)}`);
    if (settings.has(key)) throw new DecodeError(key, 'given twice');
    settings.set(key, piece.slice(equals + 1));
  }
  return Object.fromEntries(settings);
}
