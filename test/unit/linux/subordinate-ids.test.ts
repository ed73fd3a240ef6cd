import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSubordinateIds, rangesOf } from '../../../linux/subordinate-ids.ts';

test('parseSubordinateIds() reads OWNER:FIRST:COUNT and passes over everything else', () => {
  const good = 'ann:100000:65536\n1000:165536:10\n a.b-c :1:1';
  const bad = [
    '',
    '# ann:1:1',
    'ann:1',
    'ann:1:1:1',
    'ann:x:1',
    'ann:-1:1',
    'ann:1:0',
    'ann:4294967290:9',
    ':1:1',
  ];
  assert.deepEqual(parseSubordinateIds([good, ...bad].join('\n')), [
    { owner: 'ann', first: 100000, count: 65536 },
    { owner: '1000', first: 165536, count: 10 },
    { owner: 'a.b-c ', first: 1, count: 1 },
  ]);
});

test('rangesOf() finds a user by name and by number', () => {
  const ranges = parseSubordinateIds('ann:1:1\n1000:2:2\nbob:3:3\n');
  const firsts = (name: string | undefined, uid: number) =>
    rangesOf(ranges, { name, uid }).map(({ first }) => first);
  assert.deepEqual(firsts('ann', 1000), [1, 2]);
  assert.deepEqual(firsts(undefined, 1000), [2]);
  assert.deepEqual(firsts('eve', 7), []);
});
