import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUuid, parseUuid, uuid } from '../../../schema/uuid.ts';
import { refuses, refusesAll } from './check-decoder.ts';

const canonical = '6733c088-a507-4694-aabf-edbe4fc5266f';

test('uuid reads RFC 4122 in either case and yields lower case', () => {
  assert.equal(parseUuid(canonical), canonical);
  assert.equal(parseUuid(canonical.toUpperCase()), canonical);
});

test('uuid refuses other forms', () => {
  refusesAll(uuid, [
    '',
    canonical.slice(1),
    `${canonical}0`,
    canonical.replaceAll('-', ''),
    `{${canonical}}`,
    7,
  ]);
  refuses(uuid, [['../etc', 'expected a UUID, got "../etc"']]);
});

test('isUuid() takes the canonical form only, as directory names have it', () => {
  assert.equal(isUuid(canonical), true);
  assert.equal(isUuid(canonical.toUpperCase()), false);
  assert.equal(isUuid(`${canonical}/`), false);
});
