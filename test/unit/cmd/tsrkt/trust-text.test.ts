import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyJson, keyRows } from '../../../../cmd/tsrkt/trust-text.ts';
import type { KeyListEntry } from '../../../../trust/keystore/list.ts';

const key: KeyListEntry = {
  kind: 'openpgp',
  fingerprint: 'a'.repeat(40),
  scope: 'example.com',
  origin: 'local',
  path: '/etc/tsrkt/trustedkeys/prefix.d/example.com/aaaa',
  subkeys: [],
  identities: ['Alice <alice@example.com>', 'A\u001b[2J'],
  algorithm: 'ed25519',
  created: new Date('2020-01-01'),
  state: 'masked',
};

test('keyRows() shows prefix, key and state, and every identity, safe to print', () => {
  assert.deepEqual(keyRows([key, { ...key, scope: '', identities: [], expires: new Date('2030-01-01') }]), [
    [
      'example.com',
      key.fingerprint,
      'Alice <alice@example.com>',
      'ed25519',
      '2020-01-01',
      'never',
      'local',
      'masked',
    ],
    ['', '', 'A\\u001b[2J'],
    ['(root)', key.fingerprint, '-', 'ed25519', '2020-01-01', '2030-01-01', 'local', 'masked'],
  ]);
});

test('keyJson() names the prefix, and dates in ISO 8601', () => {
  const json = keyJson(key);
  assert.deepEqual(
    [json.prefix, json.created, 'expires' in json, json.fingerprint],
    ['example.com', '2020-01-01T00:00:00.000Z', false, key.fingerprint],
  );
});
