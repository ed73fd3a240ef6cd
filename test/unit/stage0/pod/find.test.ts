import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUuid } from '../../../../schema/uuid.ts';
import { chooseUuid } from '../../../../stage0/pod/find.ts';

const pods = [
  '0a1b2c3d-0000-4000-8000-000000000001',
  '0a1b2c3e-0000-4000-8000-000000000002',
  'ffffffff-0000-4000-8000-000000000003',
].filter(isUuid);

test('chooseUuid() takes a whole UUID, and a prefix of one in either case', () => {
  assert.equal(chooseUuid(pods[0]!, pods), pods[0]);
  assert.equal(chooseUuid('F', pods), pods[2]);
  assert.equal(chooseUuid('0A1B2C3E', pods), pods[1]);
});

const bad: readonly [string, string][] = [
  ['', 'UUID cannot be empty'],
  ['12', 'no matches found for "12"'],
  ['0a1b', 'ambiguous uuid, 2 matches'],
  ['../..', 'no matches found for "../.."'],
];

for (const [text, message] of bad) {
  test(`chooseUuid(${JSON.stringify(text)}) says: ${message}`, () => {
    assert.throws(() => chooseUuid(text, pods), { message, code: 'ERR_POD_NOT_FOUND' });
  });
}

test('isUuid() refuses what is not a lower-case UUID', () => {
  for (const name of ['', '.', '..', 'FFFFFFFF-0000-4000-8000-000000000003', `${pods[0]}x`, `${pods[0]}\n`])
    assert.equal(isUuid(name), false, name);
});
