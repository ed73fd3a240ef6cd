import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { evaluate, refusalOf } from '../../../trust/evaluate.ts';
import { now, trustHome } from './trust-home.ts';

const home = trustHome();
after(() => home[Symbol.dispose]());
beforeEach(() => home.clear());

const alice = home.key('Alice <alice@example.com>', { date: '20200101T000000' });
const bob = home.key('Bob', { date: '20200101T000000' });

test('evaluate() trusts an ACI signed by a key of its prefix', async () => {
  await home.trustKey(alice);
  const { verdict, signatures } = await evaluate(
    await home.aci('example.com/app', [alice]),
    home.trust(),
    now,
  );
  assert.deepEqual([verdict.accepted, verdict.verified], [true, true]);
  assert.equal(signatures[0]?.place?.scope, 'example.com');
});

test('evaluate() refuses: unsigned, unknown key, key of another prefix, key of a sibling prefix (etcd-evil)', async () => {
  await home.trustKey(alice, 'example.com/etcd');
  const code = async (name: string, ...signers: string[]) => {
    const decision = await evaluate(await home.aci(name, signers), home.trust(), now);
    return decision.verdict.accepted ? 'accepted' : decision.verdict.code;
  };
  assert.equal(await code('example.com/etcd', alice), 'accepted');
  assert.equal(await code('example.com/etcd'), 'ERR_NOT_SIGNED');
  assert.equal(await code('example.com/etcd', bob), 'ERR_KEY_UNKNOWN');
  assert.equal(await code('example.org/etcd', alice), 'ERR_KEY_UNKNOWN');
  assert.equal(await code('example.com/etcd-evil', alice), 'ERR_KEY_UNKNOWN');
  assert.equal(await code('example.com/etcd', bob, alice), 'accepted');
});

test('evaluate() asks for as many different keys as the policy does', async () => {
  await home.trustKey(alice);
  await home.trustKey(bob);
  const two = home.trust({ default: { signedBy: 'keystore', threshold: 2 } });
  const accepted = async (...signers: string[]) =>
    (await evaluate(await home.aci('example.com/app', signers), two, now)).verdict.accepted;
  assert.equal(await accepted(alice, alice), false);
  assert.equal(await accepted(alice, bob), true);
});

test('refusalOf() says what, why and what to do next', async () => {
  const error = refusalOf(await evaluate(await home.aci('example.com/app', [alice]), home.trust(), now));
  assert.equal(error.message, `trust example.com/app:1.0: signature by key ${alice}: no such key is trusted`);
  assert.equal(error.hint, 'if you trust its publisher: tsrkt trust --prefix example.com/app');
});
