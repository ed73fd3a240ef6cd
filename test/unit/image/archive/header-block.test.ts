import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArchiveError } from '../../../../image/archive/error.ts';
import { padding, parseNumber } from '../../../../image/archive/header-block.ts';

const good: readonly (readonly [Buffer, number])[] = [
  [Buffer.from('0000644\0'), 0o644],
  [Buffer.from('   644 \0'), 0o644],
  [Buffer.from('644 \0junk'), 0o644],
  [Buffer.alloc(8), 0],
  [Buffer.from('        '), 0],
  [Buffer.from('00000000010 '), 8],
  [Buffer.from('800000000000000000000200', 'hex'), 512],
  [Buffer.from('80000000ffffffff', 'hex'), 0xffffffff],
  [Buffer.from('ffffffffffffffff', 'hex'), -1],
  [Buffer.from('fffffffffffffe00', 'hex'), -512],
];

test('parseNumber() reads octal digits and base-256 numbers, negative ones too', () => {
  for (const [field, value] of good) assert.equal(parseNumber(field, 'size'), value, field.toString('hex'));
});

test('parseNumber() refuses what is not a number or does not fit', () => {
  for (const field of [Buffer.from('0000008\0'), Buffer.from('x'), Buffer.from('-1'), Buffer.alloc(12, 0x9f)])
    assert.throws(() => parseNumber(field, 'size'), ArchiveError);
});

test('padding() fills up a block', () => {
  assert.deepEqual([0, 1, 511, 512, 513, 2 ** 40 + 1].map(padding), [0, 511, 1, 0, 511, 511]);
});
