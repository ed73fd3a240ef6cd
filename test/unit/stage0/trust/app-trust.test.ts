import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { acIdentifier } from '../../../../schema/ac-identifier.ts';
import { makeDigest } from '../../../../schema/digest.ts';
import {
  type AppTrust,
  formatAppTrust,
  readAppTrust,
  TRUST_FILE,
  UNVERIFIED,
  withVerification,
} from '../../../../stage0/trust/app-trust.ts';

const blob = makeDigest('sha512', 'a'.repeat(128));
const trust: AppTrust = {
  blob,
  decision: {
    version: 1,
    request: 'example.com/a',
    kind: 'aci',
    name: 'example.com/a',
    digests: [blob],
    mode: 'verified',
    reason: 'signed',
    scope: '',
    policyHash: 'none',
    decided: new Date(0),
    signatures: [],
  },
};

test('readAppTrust() reads what formatAppTrust() writes, and nothing else', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-trust-'));
  try {
    writeFileSync(join(directory, TRUST_FILE), formatAppTrust(trust));
    assert.deepEqual(readAppTrust(directory), trust);
    for (const text of ['', '{}', formatAppTrust(trust).replace('verified', 'certified')]) {
      writeFileSync(join(directory, TRUST_FILE), text);
      assert.throws(() => readAppTrust(directory), /trust\.json/);
    }
    rmSync(join(directory, TRUST_FILE));
    assert.throws(() => readAppTrust(directory), { code: 'ERR_DECODE' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('withVerification() says the truth, whatever the annotations said', () => {
  const other = { name: acIdentifier('example.com/note'), value: 'x' };
  const claim = { name: UNVERIFIED, value: 'claimed' };
  assert.deepEqual(withVerification([other, claim], undefined), [other]);
  assert.deepEqual(withVerification([claim, other], 'nobody'), [
    other,
    { name: UNVERIFIED, value: 'nobody' },
  ]);
});
