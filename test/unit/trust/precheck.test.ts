import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { Evidence } from '../../../trust/evidence.ts';
import { keysFor } from '../../../trust/keystore.ts';
import { parseSignatures } from '../../../trust/openpgp/signature.ts';
import { refuseUnknownSigners, refuseUnvouched } from '../../../trust/precheck.ts';
import { now, trustHome } from './trust-home.ts';

const home = trustHome();
after(() => home[Symbol.dispose]());
beforeEach(() => home.clear());

const alice = home.key('Alice', { date: '20200101T000000' });
const bob = home.key('Bob', { date: '20200101T000000' });

test('refuseUnknownSigners() spares a large download whose signatures nobody trusted made', async () => {
  await home.trustKey(alice);
  const { openpgp } = await keysFor(home.store, 'example.com/app');
  const signed = async (...signers: string[]) => {
    const files = signers.map((signer) => home.sign(signer, Buffer.from('x'), { date: '20200601T000000' }));
    return parseSignatures(Buffer.concat(files), 'image.asc');
  };
  refuseUnknownSigners(await signed(alice), openpgp, { now });
  refuseUnknownSigners(await signed(bob, alice), openpgp, { now });
  const unknown = await signed(bob);
  assert.throws(() => refuseUnknownSigners(unknown, openpgp, { now }), { code: 'ERR_KEY_UNKNOWN' });
  assert.throws(() => refuseUnknownSigners([], openpgp, { now }), { code: 'ERR_NOT_SIGNED' });
});

test('refuseUnvouched() lets no ACI be opened to learn its name that no trusted key signed', async () => {
  const code = async (evidence: readonly Evidence[]) =>
    refuseUnvouched(evidence, home.trust(), now).then(
      () => 'opened',
      (error) => error.code,
    );
  const { evidence } = await home.aci('unknown', [bob, alice]);
  assert.equal(await code(evidence), 'ERR_KEY_UNKNOWN');
  await home.trustKey(alice, 'example.com/team/app');
  assert.equal(await code(evidence), 'opened');
  assert.equal(await code([]), 'ERR_NOT_SIGNED');
  const altered = evidence.map((each) => ({ ...each, digest: Buffer.alloc(32) }));
  assert.equal(await code(altered), 'ERR_KEY_UNKNOWN');
  home.trust({ prefixes: { 'example.org': { insecureAcceptAnything: true } } });
  assert.equal(
    await code([]),
    'ERR_NOT_SIGNED',
    'an image does not choose the prefix whose policy lets it in',
  );
  home.trust({ default: { insecureAcceptAnything: true } });
  assert.equal(await code([]), 'opened');
});
