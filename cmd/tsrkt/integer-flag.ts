import { DecodeError } from '../../schema/decode-error.ts';

/** The number a flag is given, from `min` to `max`. */
export function integerFlag(flag: string, text: string, min: number, max: number): number {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new DecodeError(
    `--${flag}`,
    `expected an integer from ${min} to ${max}, got ${JSON.stringify(text)}`,
  );
}
