import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePax, formatPaxTime, parsePax, paxAttributes, paxTime } from '../../../../image/archive/pax.ts';

test('encodePax() writes what parsePax() reads, at every length around the digits of the length', () => {
  for (let length = 0; length < 1100; length++) {
    const value = Buffer.alloc(length, 0xff);
    assert.deepEqual(parsePax(encodePax([['path', value]])), [['path', value]]);
  }
});

test('parsePax() keeps records in their order, repeated ones too', () => {
  const records = [
    ['GNU.sparse.offset', Buffer.from('0')],
    ['GNU.sparse.offset', Buffer.from('9')],
  ] as const;
  assert.deepEqual(parsePax(encodePax(records)), records);
});

test('paxAttributes() takes back what comes with an empty value, but not an empty extended attribute', () => {
  const attributes = paxAttributes(
    [['uid', Buffer.from('1')]],
    [
      ['uid', Buffer.alloc(0)],
      ['SCHILY.xattr.user.a', Buffer.alloc(0)],
    ],
  );
  assert.deepEqual([...attributes.keys()], ['SCHILY.xattr.user.a']);
});

test('formatPaxTime() writes what paxTime() reads', () => {
  for (const time of [0n, 1n, 1_500_000_000n, -1n, -1_500_000_000n, 1_700_000_000_123_456_789n]) {
    const attributes = new Map([['mtime', Buffer.from(formatPaxTime(time))]]);
    assert.equal(paxTime(attributes, 'mtime'), time);
  }
});
