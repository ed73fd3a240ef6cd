import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUuid } from '../../../../schema/uuid.ts';
import { chooseRange } from '../../../../stage0/user-namespace/choose-range.ts';

const uuid = parseUuid('00000000-1111-4222-8333-444444444444');
const SIZE = 65536;

test('chooseRange() gives 65536 ids of those left to containers, where the UUID says', () => {
  assert.deepEqual(chooseRange(uuid, []), { first: 524288, count: SIZE });
  const other = parseUuid('00000003-1111-4222-8333-444444444444');
  assert.deepEqual(chooseRange(other, []), { first: 524288 + 3 * SIZE, count: SIZE });
});

test('chooseRange() passes over whatever overlaps, also by one id', () => {
  const taken = [
    { first: 524288 - 10, count: 11 },
    { first: 524288 + 2 * SIZE - 1, count: 1 },
    { first: 524288 + 2 * SIZE, count: 3 },
  ];
  assert.equal(chooseRange(uuid, taken).first, 524288 + 3 * SIZE);
});

test('chooseRange() goes round to the beginning after the last range', () => {
  const last = parseUuid('ffffffff-1111-4222-8333-444444444444');
  const { first } = chooseRange(last, []);
  const rest = { first, count: 0x7000_0000 - first };
  assert.equal(chooseRange(last, [rest]).first, 524288);
});

test('chooseRange() says when there is none left', () => {
  assert.throws(() => chooseRange(uuid, [{ first: 0, count: 0x7fff_ffff }]), {
    code: 'ERR_USER_NAMESPACE',
    message: 'private users: every range of ids is taken',
  });
});

test('a thousand pods never share an id', () => {
  const taken: { first: number; count: number }[] = [];
  for (let i = 0; i < 1000; i++) taken.push(chooseRange(parseUuid(crypto.randomUUID()), taken));
  assert.equal(new Set(taken.map(({ first }) => first)).size, 1000);
});
