import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantity, quantityMillis, quantityUnits } from '../../../schema/quantity.ts';
import { refuses, refusesAll } from './check-decoder.ts';

test('quantityUnits() and quantityMillis() round up', () => {
  const amounts: [string, bigint, bigint][] = [
    ['0', 0n, 0n],
    ['16Mi', 16777216n, 16777216000n],
    ['50M', 50000000n, 50000000000n],
    ['1G', 1000000000n, 1000000000000n],
    ['1.5Ki', 1536n, 1536000n],
    ['500m', 1n, 500n],
    ['1500m', 2n, 1500n],
    ['0.5', 1n, 500n],
    ['.5', 1n, 500n],
    ['1.', 1n, 1000n],
    ['+2', 2n, 2000n],
    ['1e3', 1000n, 1000000n],
    ['1E3', 1000n, 1000000n],
    ['1E', 10n ** 18n, 10n ** 21n],
    ['12e-1', 2n, 1200n],
    ['100u', 1n, 1n],
    ['1n', 1n, 1n],
    ['0.0000000001', 1n, 1n],
    ['7Ei', 7n << 60n, (7n << 60n) * 1000n],
    ['9223372036854775807', 2n ** 63n - 1n, (2n ** 63n - 1n) * 1000n],
  ];
  for (const [text, units, millis] of amounts) {
    assert.equal(quantityUnits(quantity(text)), units, text);
    assert.equal(quantityMillis(quantity(text)), millis, text);
  }
});

test('quantity takes bare numbers, as if they were quoted', () => {
  assert.equal(quantity(100), '100');
  assert.equal(quantity(0.5), '0.5');
  assert.equal(quantity(9007199254740993n), '9007199254740993');
});

test('quantity refuses what is no amount, negative, or above 2^63 - 1', () => {
  refusesAll(quantity, [
    '',
    '-1',
    'Mi',
    '1mi',
    '1K',
    '1 Mi',
    '12KiB',
    '1e',
    '1e99',
    '8Ei',
    '0x10',
    '.',
    '1'.repeat(99),
  ]);
  refuses(quantity, [
    ['1KB', 'expected a quantity such as "16Mi", "1G" or "500m", got "1KB"'],
    [null, 'expected a quantity such as "16Mi", "1G" or "500m", got null'],
  ]);
});
