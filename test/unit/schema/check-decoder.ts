import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Decoder } from '../../../schema/decode.ts';
import { DecodeError } from '../../../schema/decode-error.ts';

/** `decoder` takes each of these values and yields it unchanged. */
export function keeps(decoder: Decoder<unknown>, good: readonly unknown[]): void {
  for (const value of good) assert.deepEqual(decoder(value), value);
}

/** `decoder` refuses each value with that message. */
export function refuses(
  decoder: Decoder<unknown>,
  bad: readonly (readonly [value: unknown, message: string])[],
): void {
  for (const [value, message] of bad)
    assert.throws(
      () => decoder(value),
      (error) => {
        assert.ok(error instanceof DecodeError, `${inspect(value)}: ${error}`);
        assert.equal(error.message, message);
        assert.equal(error.code, 'ERR_DECODE');
        return true;
      },
      `${inspect(value)} was accepted, instead of: ${message}`,
    );
}

/** `decoder` refuses each of these values. */
export function refusesAll(decoder: Decoder<unknown>, bad: readonly unknown[]): void {
  for (const value of bad) assert.throws(() => decoder(value), DecodeError, `${inspect(value)} was accepted`);
}
