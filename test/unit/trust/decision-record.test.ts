import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { makeDigest } from '../../../schema/digest.ts';
import { affectedBy } from '../../../trust/affected-by.ts';
import { parseRecord, recordJson, recordOf, reevaluate } from '../../../trust/decision-record.ts';
import { evaluate, type Trust } from '../../../trust/evaluate.ts';
import { withReceipts } from '../../../trust/evidence.ts';
import { explain } from '../../../trust/explain.ts';
import { revokeKey } from '../../../trust/keystore/write.ts';
import { now, trustHome } from './trust-home.ts';

const home = trustHome();
after(() => home[Symbol.dispose]());
beforeEach(() => home.clear());

const seen2020 = new Date('2020-07-01T00:00:00Z');
const alice = home.key('Alice <alice@example.com>', { date: '20200101T000000' });
const bob = home.key('Bob', { date: '20200101T000000' });
const brief = home.key('Brief', { date: '20200101T000000', expires: '1y' });

test('a record survives being written and read, byte for byte', async () => {
  await home.trustKey(alice);
  const record = recordOf(await evaluate(await home.aci('example.com/app', [alice, bob]), home.trust(), now));
  const text = JSON.stringify(recordJson(record));
  const again = parseRecord(JSON.parse(text), 'example.com/app');
  assert.deepEqual(JSON.parse(JSON.stringify(recordJson(again))), JSON.parse(text));
  assert.equal(again.mode, 'verified');
  assert.deepEqual(
    again.signatures.map(({ outcome }) => outcome),
    ['good', 'refused'],
  );
  assert.deepEqual(again.signatures[0]?.evidence, record.signatures[0]?.evidence);
  assert.throws(() => parseRecord({}, 'example.com/app'), { code: 'ERR_BAD_RECORD' });
});

test('a record of what nothing verified says unverified and why, whoever let it in', async () => {
  const unsigned = recordOf(await evaluate(await home.aci('example.com/app', []), home.trust(), now));
  assert.deepEqual(
    [unsigned.mode, unsigned.reason],
    ['unverified', '--insecure-options=image, although it has no signature'],
  );
  const anything = home.trust({ default: { insecureAcceptAnything: true } });
  const accepted = recordOf(await evaluate(await home.aci('example.com/app', []), anything, now));
  assert.equal(accepted.mode, 'unverified');
});

test('reevaluate() accepts from the record alone what today still accepts', async () => {
  await home.trustKey(alice);
  const question = await home.aci('example.com/app', [alice]);
  const kept = JSON.stringify(recordJson(recordOf(await evaluate(question, home.trust(), now))));
  const record = parseRecord(JSON.parse(kept), 'example.com/app');
  const today = await reevaluate(record, question.subject.digests[0]!, home.trust(), new Date('2027-01-01'));
  assert.equal(today.verdict.accepted, true);
});

test('reevaluate() refuses after the key was removed, revoked, or the policy changed', async () => {
  const path = await home.trustKey(alice);
  const question = await home.aci('example.com/app', [alice]);
  const digest = question.subject.digests[0]!;
  const record = recordOf(await evaluate(question, home.trust(), now));
  const code = async (today: Trust) => (await reevaluate(record, digest, today, now)).verdict.code;
  assert.equal(await code(home.trust()), undefined);
  assert.equal(
    await code(home.trust({ prefixes: { 'example.com/app': { reject: true } } })),
    'ERR_POLICY_REJECT',
  );
  assert.equal(await code(home.trust({})), undefined);
  revokeKey(home.store, alice);
  assert.equal(await code(home.trust()), 'ERR_KEY_REVOKED');
  rmSync(join(home.store[0]!.directory, 'revoked.d'), { recursive: true });
  rmSync(path);
  assert.equal(await code(home.trust()), 'ERR_KEY_UNKNOWN');
});

test('reevaluate() says nothing about another image than the record is of (tag poisoning, CVE-2026-50195)', async () => {
  await home.trustKey(alice);
  const record = recordOf(await evaluate(await home.aci('example.com/app', [alice]), home.trust(), now));
  const other = makeDigest('sha512', 'ab'.repeat(64));
  await assert.rejects(reevaluate(record, other, home.trust(), now), { code: 'ERR_BAD_RECORD' });
});

test('reevaluate() keeps what was signed and first seen before the key expired, not what came later', async () => {
  await home.trustKey(brief);
  const early = await home.aci('example.com/app', [brief], seen2020);
  const digest = early.subject.digests[0]!;
  const record = recordOf(await evaluate(early, home.trust(), seen2020));
  assert.equal((await reevaluate(record, digest, home.trust(), now)).verdict.accepted, true);
  const late = await evaluate(await home.aci('example.com/app', [brief]), home.trust(), now);
  assert.equal(late.verdict.code, 'ERR_KEY_EXPIRED');
});

test('withReceipts() keeps the first receipt of the same signature, and of no other', async () => {
  const { evidence } = await home.aci('example.com/app', [alice], now);
  const earlier = evidence.map((each) => ({ ...each, firstSeen: seen2020 }));
  assert.deepEqual(withReceipts(evidence, earlier), earlier);
  const other = (await home.aci('example.com/app', [bob], seen2020)).evidence;
  assert.deepEqual(withReceipts(evidence, other), evidence);
});

test('revokeKey() of a subkey refuses its signatures, too', async () => {
  const carol = home.key('Carol', { usage: 'cert', date: '20200101T000000' });
  home.gpg(['--quick-add-key', carol, 'ed25519', 'sign', 'never'], { date: '20200101T000000' });
  await home.trustKey(carol);
  const question = await home.aci('example.com/app', [carol]);
  const good = await evaluate(question, home.trust(), now);
  assert.equal(good.verdict.accepted, true);
  revokeKey(home.store, good.signatures[0]!.signer!);
  assert.equal((await evaluate(question, home.trust(), now)).verdict.code, 'ERR_KEY_REVOKED');
});

test('affectedBy() lists the images that a key let in', async () => {
  await home.trustKey(alice);
  await home.trustKey(bob);
  const images = await Promise.all(
    [[alice], [bob], [alice, bob], []].map(async (signers, id) => {
      const record = recordOf(await evaluate(await home.aci('example.com/app', signers), home.trust(), now));
      return { id, record };
    }),
  );
  assert.deepEqual(
    affectedBy(alice, images).map(({ id }) => id),
    [0, 2],
  );
});

test('explain() tells which key, which prefix, which signature, and what to do', async () => {
  const path = await home.trustKey(alice);
  const decision = await evaluate(await home.aci('example.com/app', [alice, bob]), home.trust(), now);
  const text = explain(decision, recordOf(decision)).join('\n');
  assert.match(text, /^image {6}example\.com\/app:1\.0 \(aci\)$/m);
  assert.match(
    text,
    new RegExp(`good .*made 2020-06-01.*by key ${alice}, trusted for "example.com" by ${path}`),
  );
  assert.match(text, new RegExp(`refused .*signature by key ${bob}: no such key is trusted`));
  assert.match(text, /^let in {5}2026-01-01T00:00:00\.000Z, verified: signed by/m);
  assert.match(text, /^today {6}trusted: /m);
  const refused = await evaluate(await home.aci('example.com/app', [bob]), home.trust(), now);
  assert.match(explain(refused).join('\n'), /^next {7}if you trust its publisher: tsrkt trust --prefix/m);
});
