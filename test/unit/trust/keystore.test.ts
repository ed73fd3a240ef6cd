import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { parseCosignKey } from '../../../trust/cosign/key.ts';
import { listKeys } from '../../../trust/keystore/list.ts';
import { addCosignKey, addOpenpgpKey, maskKey, removeKey, revokeKey } from '../../../trust/keystore/write.ts';
import { hasKeysFor, type KeyStore, keysFor, openpgpKeys } from '../../../trust/keystore.ts';
import { parseKeys } from '../../../trust/openpgp/key.ts';
import { keyReview } from '../../../trust/openpgp/key-review.ts';
import { gpgHome } from './gpg.ts';

const home = gpgHome();
after(() => home[Symbol.dispose]());

const system = join(home.directory, 'usr');
const local = join(home.directory, 'etc');
const store: KeyStore = [
  { origin: 'system', directory: system },
  { origin: 'local', directory: local },
];
const alice = home.key('Alice <alice@example.com>');
const bob = home.key('Bob <bob@example.com>');
const files = { [alice]: home.export(alice), [bob]: home.export(bob) };

beforeEach(() => {
  for (const directory of [system, local]) rmSync(directory, { recursive: true, force: true });
});

/** Puts a file where rkt would have put it. */
function place(
  layer: string,
  scope: string,
  name: string,
  content: Uint8Array | string = files[name] ?? '',
): string {
  const directory = scope === '' ? join(layer, 'root.d') : join(layer, 'prefix.d', scope);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

async function fingerprints(name: string): Promise<readonly string[]> {
  return (await keysFor(store, name)).openpgp.map((key) => key.fingerprint);
}

async function problemCodes(name: string): Promise<readonly string[]> {
  return (await keysFor(store, name)).problems.map(({ code }) => code);
}

test('keysFor() finds keys for every name, and for a prefix, in both layers', async () => {
  place(system, '', alice);
  place(local, 'example.com', bob);
  assert.deepEqual(await fingerprints('example.com/app'), [alice, bob]);
  assert.deepEqual(await fingerprints('example.org/app'), [alice]);
});

test('keysFor() matches whole path components: a key for example.com/etcd is none for example.com/etcd-evil', async () => {
  place(local, 'example.com/etcd', alice);
  assert.deepEqual(await fingerprints('example.com/etcd'), [alice]);
  assert.deepEqual(await fingerprints('example.com/etcd/client'), [alice]);
  assert.deepEqual(await fingerprints('example.com/etcd-evil'), []);
  assert.deepEqual(await fingerprints('example.com/etc'), []);
  assert.deepEqual(await fingerprints('example.com'), []);
});

test('keysFor() refuses names that lead out of the store', async () => {
  for (const name of ['..', 'a/../b', '/etc', 'a//b', '', '.', 'a/./b', 'a\0b'])
    await assert.rejects(keysFor(store, name), { code: 'ERR_BAD_NAME' }, JSON.stringify(name));
});

test('keysFor() takes an empty local file as a mask of the system key', async () => {
  place(system, '', alice);
  place(local, '', alice, '');
  assert.deepEqual(await fingerprints('example.com/app'), []);
});

test('keysFor() takes a link to /dev/null as a mask', async () => {
  place(system, '', alice);
  mkdirSync(join(local, 'root.d'), { recursive: true });
  symlinkSync('/dev/null', join(local, 'root.d', alice));
  assert.deepEqual(await fingerprints('example.com/app'), []);
});

test('keysFor() lets an empty file in a prefix mask a root key for that prefix only', async () => {
  place(system, '', alice);
  place(local, 'example.com', alice, '');
  assert.deepEqual(await fingerprints('example.com/app'), []);
  assert.deepEqual(await fingerprints('example.org/app'), [alice]);
});

test('keysFor() lets a prefix trust a key again whose root file is masked, as rkt does', async () => {
  place(system, '', alice);
  place(local, '', alice, '');
  place(local, 'example.com', alice);
  assert.deepEqual(await fingerprints('example.com/app'), [alice]);
});

test('keysFor() names a file that is not named by its fingerprint and uses the rest', async () => {
  place(local, '', bob, files[alice]);
  place(local, 'example.com', alice);
  const { openpgp, problems } = await keysFor(store, 'example.com/app');
  assert.deepEqual(
    openpgp.map(({ fingerprint }) => fingerprint),
    [alice],
  );
  assert.equal(problems[0]?.code, 'ERR_KEY_FINGERPRINT');
  assert.match(String(problems[0]?.message), new RegExp(join(local, 'root.d', bob)));
});

test('keysFor() takes every key of a file, not the first alone', async () => {
  place(local, '', alice, Buffer.concat([home.export(alice), home.export(bob)]));
  assert.deepEqual(await fingerprints('example.com/app'), [alice, bob]);
  place(local, 'example.com', bob, '');
  assert.deepEqual(await fingerprints('example.com/app'), [alice]);
});

test('keysFor() lets a damaged file mask its key, for it may hold the revocation', async () => {
  place(system, '', alice);
  place(local, '', alice, 'damaged');
  assert.deepEqual(await fingerprints('example.com/app'), []);
  assert.deepEqual(await problemCodes('example.com/app'), ['ERR_KEY_FORMAT']);
});

test('keysFor() uses no file that anybody may write, no FIFO, no private key', async () => {
  chmodSync(place(local, '', alice), 0o666);
  place(local, 'example.com', bob, home.gpg(['--armor', '--export-secret-keys', bob]));
  execFileSync('mkfifo', [join(local, 'root.d', bob)]);
  assert.deepEqual(await fingerprints('example.com/app'), []);
  assert.deepEqual((await problemCodes('example.com/app')).toSorted(), [
    'ERR_KEY_FILE',
    'ERR_KEY_FILE',
    'ERR_KEY_PRIVATE',
  ]);
});

test('keysFor() uses a file its group may write, as rkt sets its store up', async () => {
  chmodSync(place(local, '', alice), 0o664);
  assert.deepEqual(await fingerprints('example.com/app'), [alice]);
});

test('hasKeysFor() counts keys of the prefix and above it, but none for every name', async () => {
  place(local, '', alice);
  assert.equal(await hasKeysFor(store, 'example.com/app'), false);
  place(system, 'example.com', bob);
  assert.equal(await hasKeysFor(store, 'example.com/app'), true);
  place(local, 'example.com', bob, '');
  assert.equal(await hasKeysFor(store, 'example.com/app'), false);
});

test('addOpenpgpKey() writes an armored 0644 file named by the fingerprint, and nothing beside it', async () => {
  const [key] = await parseKeys(home.export(alice), 'alice.asc');
  const before = process.umask(0o077);
  const path = await addOpenpgpKey(store, 'example.com/app', key!);
  process.umask(before);
  assert.equal(path, join(local, 'prefix.d/example.com/app', alice));
  assert.equal(statSync(path).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(join(local, 'prefix.d/example.com/app')), [alice]);
  assert.match(home.gpg(['--show-keys', '--with-colons', path]).toString(), new RegExp(alice, 'i'));
  assert.deepEqual(await fingerprints('example.com/app/x'), [alice]);
});

test('addOpenpgpKey() does not undo a mask or a revocation', async () => {
  const [key] = await parseKeys(home.export(alice), 'alice.asc');
  maskKey(store, { kind: openpgpKeys, scope: '', fingerprint: alice });
  await assert.rejects(addOpenpgpKey(store, '', key!), { code: 'ERR_KEY_REVOKED' });
  revokeKey(store, alice);
  await assert.rejects(addOpenpgpKey(store, 'example.com', key!), { code: 'ERR_KEY_REVOKED' });
});

test('removeKey() removes a local key, and says that a system key can be masked', async () => {
  const slot = { kind: openpgpKeys, scope: 'example.com', fingerprint: alice };
  place(local, 'example.com', alice);
  removeKey(store, slot);
  assert.deepEqual(await fingerprints('example.com/app'), []);
  place(system, 'example.com', alice);
  assert.throws(() => removeKey(store, slot), { code: 'ERR_KEY_UNKNOWN', hint: /mask/ });
});

test('revokeKey() takes a key out of every scope', async () => {
  place(system, '', alice);
  place(local, 'example.com', alice);
  place(local, 'example.com', bob, Buffer.concat([home.export(bob), home.export(alice)]));
  revokeKey(store, alice);
  assert.deepEqual(await fingerprints('example.com/app'), [bob]);
});

test('maskKey(), removeKey() and revokeKey() make no file name of what is no fingerprint', () => {
  for (const fingerprint of ['../../x', '', 'abcd', 'A'.repeat(40)]) {
    const slot = { kind: openpgpKeys, scope: '', fingerprint };
    for (const write of [
      () => maskKey(store, slot),
      () => removeKey(store, slot),
      () => revokeKey(store, fingerprint),
    ])
      assert.throws(write, { code: 'ERR_KEY_FINGERPRINT' });
  }
});

test('listKeys() shows every key with prefix, identity, origin and state', async () => {
  place(system, '', alice);
  place(system, 'example.com', bob);
  place(local, 'example.com', bob, '');
  place(local, 'example.com/app', bob);
  const { keys, problems } = await listKeys(store);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    keys.map(({ scope, fingerprint, origin, state, algorithm }) => ({
      scope,
      fingerprint,
      origin,
      state,
      algorithm,
    })),
    [
      { scope: '', fingerprint: alice, origin: 'system', state: 'good', algorithm: 'ed25519' },
      { scope: 'example.com', fingerprint: bob, origin: 'system', state: 'masked', algorithm: 'ed25519' },
      { scope: 'example.com/app', fingerprint: bob, origin: 'local', state: 'good', algorithm: 'ed25519' },
    ],
  );
  assert.deepEqual(keys[0]?.identities, ['Alice <alice@example.com>']);
  revokeKey(store, alice);
  assert.equal((await listKeys(store)).keys[0]?.state, 'revoked');
});

test('listKeys() shows when a key expires and that it has', async () => {
  const old = home.key('Old', { date: '20200101T000000', expires: '1y' });
  place(local, '', old, home.export(old));
  const [entry] = (await listKeys(store)).keys;
  assert.equal(entry?.state, 'expired');
  assert.equal(entry?.created?.toISOString().slice(0, 10), '2020-01-01');
  assert.equal(entry?.expires?.toISOString().slice(0, 10), '2020-12-31');
});

test('keysFor() finds cosign keys beside the OpenPGP ones, where rkt does not look', async () => {
  const pem = execFileSync(
    'sh',
    ['-c', 'openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const key = parseCosignKey(pem, 'cosign.pub');
  const path = addCosignKey(store, 'registry.example.com:5000/team', key);
  assert.equal(path, join(local, 'cosign-prefix.d/registry.example.com:5000/team', key.fingerprint));
  const { cosign, openpgp } = await keysFor(store, 'registry.example.com:5000/team/app');
  assert.deepEqual(
    cosign.map(({ fingerprint }) => fingerprint),
    [key.fingerprint],
  );
  assert.deepEqual(openpgp, []);
  assert.deepEqual(
    (await listKeys(store)).keys.map(({ kind, algorithm }) => [kind, algorithm]),
    [['cosign', 'ecdsa-p256']],
  );
});

test('parseCosignKey() refuses private keys, weak RSA and other curves', () => {
  const openssl = (script: string) =>
    execFileSync('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const bad: readonly (readonly [string, string])[] = [
    ['openssl genpkey -algorithm ed25519', 'ERR_KEY_PRIVATE'],
    ['openssl genrsa 1024 | openssl rsa -pubout', 'ERR_KEY_WEAK'],
    ['openssl ecparam -name secp224r1 -genkey -noout | openssl ec -pubout', 'ERR_KEY_WEAK'],
    ['echo hello', 'ERR_KEY_FORMAT'],
  ];
  for (const [script, code] of bad)
    assert.throws(() => parseCosignKey(openssl(script), 'k'), { code }, script);
});

test('keyReview() shows fingerprints and identities as rkt does, with control characters escaped', async () => {
  const evil = home.key('Evil \u001b[2J[GNUPG:] GOODSIG', { expires: '1d', date: '20200101T000000' });
  const text = await keyReview(await parseKeys(Buffer.concat([home.export(alice), home.export(evil)]), 'k'));
  const [first] = text.split('\n');
  assert.match(String(first), /^gpg key fingerprint is: ([0-9A-F]{4} ){5} ([0-9A-F]{4} ){4}[0-9A-F]{4}$/);
  assert.match(text, /^\tAlice <alice@example.com>$/m);
  assert.match(text, /^\tEvil \\u001b\[2J/m);
  assert.match(text, /refused, it is expired$/m);
});
