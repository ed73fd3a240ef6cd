import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIdMap, hasId, outerId, parseIdMap } from '../../../linux/id-map.ts';

const text = '         0       1000          1\n         1     100000      65536\n';
const map = [
  { containerID: 0, hostID: 1000, size: 1 },
  { containerID: 1, hostID: 100000, size: 65536 },
];

test('parseIdMap() reads what /proc/PID/uid_map shows, formatIdMap() writes what it takes', () => {
  assert.deepEqual(parseIdMap(text), map);
  assert.deepEqual(parseIdMap(''), []);
  assert.equal(formatIdMap(map), '0 1000 1\n1 100000 65536\n');
});

test('hasId() and outerId() know the ids of a namespace and no other', () => {
  const ids = [0, 1, 65536, 65537];
  assert.deepEqual(
    ids.map((id) => outerId(map, id)),
    [1000, 100000, 165535, undefined],
  );
  assert.deepEqual(
    ids.map((id) => hasId(map, id)),
    [true, true, true, false],
  );
});
