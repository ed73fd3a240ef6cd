import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { readPolicy } from '../../../trust/policy/read.ts';
import {
  decide,
  type KeyReference,
  type Policy,
  ruleFor,
  type SignatureOutcome,
} from '../../../trust/policy.ts';

const directory = mkdtempSync(join(tmpdir(), 'tsrkt-policy-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const layers = ['system', 'local', 'user'].map((name) => join(directory, name, 'policy.d'));
const [system, local, user] = layers as [string, string, string];

beforeEach(() => {
  for (const layer of layers) {
    rmSync(layer, { recursive: true, force: true });
    mkdirSync(layer, { recursive: true });
  }
});

function write(layer: string, name: string, policy: unknown): string {
  const file = join(layer, name);
  writeFileSync(file, typeof policy === 'string' ? policy : JSON.stringify(policy));
  return file;
}

const a = 'a'.repeat(40);
const b = 'b'.repeat(40);
const c = 'c'.repeat(64);
const openpgp = (fingerprint: string): KeyReference => ({ type: 'openpgp', fingerprint });
const cosign = (fingerprint: string): KeyReference => ({ type: 'cosign', fingerprint });
const good = (key: KeyReference): SignatureOutcome => ({ key, reason: 'good' });
const bad: SignatureOutcome = { code: 'ERR_KEY_EXPIRED', reason: 'signature by key x: the key has expired' };

function verdict(policy: Policy, name: string, ...outcomes: readonly SignatureOutcome[]) {
  return decide(ruleFor(policy, name), outcomes);
}

test('decide() without a policy trusts any key of the key store, and refuses what is not signed', () => {
  const none = readPolicy(layers);
  assert.deepEqual(verdict(none, 'example.com/app').code, 'ERR_NOT_SIGNED');
  assert.equal(verdict(none, 'example.com/app', bad).code, 'ERR_KEY_EXPIRED');
  const yes = verdict(none, 'example.com/app', bad, good(openpgp(a)));
  assert.deepEqual([yes.accepted, yes.verified, yes.keys], [true, true, [openpgp(a)]]);
});

test('readPolicy() answers an empty policy where there is no directory', () => {
  assert.deepEqual(readPolicy([join(directory, 'none')]).rules, []);
});

test('ruleFor() takes the most specific prefix, whole components only, and inherits nothing', () => {
  write(local, 'x.json', {
    default: { reject: true },
    prefixes: {
      'example.com': { insecureAcceptAnything: true },
      'example.com/etcd': { signedBy: 'keystore' },
    },
  });
  const policy = readPolicy(layers);
  assert.equal(ruleFor(policy, 'example.com/etcd/x').rule.type, 'signedBy');
  assert.equal(ruleFor(policy, 'example.com/etcd-evil').rule.type, 'insecureAcceptAnything');
  assert.equal(ruleFor(policy, 'example.com.evil.org/x').rule.type, 'reject');
});

test('readPolicy() lets local replace system and user replace local, and says which file decided', () => {
  write(system, '10.json', {
    prefixes: { 'example.com': { reject: true }, 'example.org': { reject: true } },
  });
  write(local, '10.json', { prefixes: { 'example.com': { signedBy: 'keystore' } } });
  const last = write(user, '10.json', { prefixes: { 'example.com': { insecureAcceptAnything: true } } });
  const policy = readPolicy(layers);
  assert.deepEqual(ruleFor(policy, 'example.com/app').file, last);
  assert.equal(ruleFor(policy, 'example.org/app').rule.type, 'reject');
});

test('decide() rejects what a policy rejects, signed or not', () => {
  const file = write(local, '10.json', { prefixes: { 'example.com/bad': { reject: true } } });
  const { code, reason, accepted } = verdict(readPolicy(layers), 'example.com/bad', good(openpgp(a)));
  assert.deepEqual([accepted, code], [false, 'ERR_POLICY_REJECT']);
  assert.equal(reason, `policy ${file} for "example.com/bad" rejects it`);
});

test('decide() distinguishes accepted from verified under insecureAcceptAnything', () => {
  write(local, '10.json', { default: { insecureAcceptAnything: true } });
  const policy = readPolicy(layers);
  const unsigned = verdict(policy, 'example.com/app');
  assert.deepEqual([unsigned.accepted, unsigned.verified], [true, false]);
  const signed = verdict(policy, 'example.com/app', good(openpgp(a)));
  assert.deepEqual([signed.accepted, signed.verified], [true, true]);
});

test('decide() counts only the keys that signedBy names', () => {
  write(local, '10.json', { default: { signedBy: { openpgp: [a.toUpperCase()], cosign: [`sha256:${c}`] } } });
  const policy = readPolicy(layers);
  assert.equal(verdict(policy, 'x/y', good(openpgp(b))).code, 'ERR_NOT_TRUSTED');
  assert.equal(verdict(policy, 'x/y', good(openpgp(a))).accepted, true);
  assert.equal(verdict(policy, 'x/y', good(cosign(c))).accepted, true);
  assert.equal(verdict(policy, 'x/y', good(openpgp(c))).accepted, false);
});

test('decide() counts different keys for a threshold, not signatures (connaisseur #2150), across schemes', () => {
  write(local, '10.json', { default: { signedBy: 'keystore', threshold: 2 } });
  const policy = readPolicy(layers);
  const twice = verdict(policy, 'x/y', good(openpgp(a)), good(openpgp(a)), bad);
  assert.deepEqual([twice.accepted, twice.code], [false, 'ERR_NOT_TRUSTED']);
  assert.equal(twice.reason, '1 of 2 required keys signed it');
  assert.equal(verdict(policy, 'x/y', good(openpgp(a)), good(cosign(c))).accepted, true);
});

test('readPolicy() names file and place of whatever it does not understand', () => {
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [{ prefix: {} }, /prefix: unknown field/],
    [{ prefixes: { 'a/b': { signedby: 'keystore' } } }, /prefixes\["a\/b"\]\.signedby: unknown field/],
    [{ default: { signedBy: 'keyring' } }, /default\.signedBy: expected an object, got "keyring"/],
    [{ default: { reject: true, signedBy: 'keystore' } }, /default: expected exactly one of/],
    [{ default: {} }, /default: expected exactly one of/],
    [{ default: { reject: false } }, /default\.reject: expected true/],
    [{ default: { reject: true, threshold: 2 } }, /threshold and signedIdentity belong to signedBy/],
    [{ default: { signedBy: 'keystore', threshold: 0 } }, /default\.threshold: expected an integer/],
    [{ default: { signedBy: { openpgp: [a] }, threshold: 2 } }, /names 1 keys and asks for 2/],
    [
      { default: { signedBy: { openpgp: ['abcd'] } } },
      /default\.signedBy\.openpgp\[0\]: expected an OpenPGP/,
    ],
    [
      { default: { signedBy: 'keystore', signedIdentity: { type: 'any' } } },
      /signedIdentity\.type: expected one of/,
    ],
    [{ prefixes: { '../x': { reject: true } } }, /prefixes: expected an image name/],
    [
      '{"default": {"reject": true}, "default": {"insecureAcceptAnything": true}}',
      /"default" is given twice/,
    ],
    ['{', /not JSON/],
  ];
  for (const [policy, message] of bad) {
    const file = write(local, '10.json', policy);
    assert.throws(
      () => readPolicy(layers),
      (error: Error & { code?: string }) =>
        error.code === 'ERR_POLICY' && error.message.includes(file) && message.test(error.message),
      JSON.stringify(policy),
    );
  }
});

test('readPolicy() reads no file that anybody may write, and ignores other names', () => {
  write(local, 'README', 'text');
  write(local, '.x.json.swp', 'text');
  assert.deepEqual(readPolicy(layers).rules, []);
  chmodSync(write(local, '10.json', {}), 0o666);
  assert.throws(() => readPolicy(layers), { code: 'ERR_POLICY', message: /anybody may write/ });
});

test('readPolicy() gives another hash to another policy', () => {
  const empty = readPolicy(layers).hash;
  write(local, '10.json', { default: { reject: true } });
  const rejecting = readPolicy(layers).hash;
  assert.match(rejecting, /^sha256:[0-9a-f]{64}$/);
  assert.notEqual(empty, rejecting);
});
