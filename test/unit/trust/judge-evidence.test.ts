import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { type Digest, makeDigest } from '../../../schema/digest.ts';
import { preAuthenticationEncoding } from '../../../trust/cosign/bundle.ts';
import { parseCosignKey } from '../../../trust/cosign/key.ts';
import { type Case, evaluate, type Trust } from '../../../trust/evaluate.ts';
import type { Evidence } from '../../../trust/evidence.ts';
import { addCosignKey } from '../../../trust/keystore/write.ts';
import { parseDockerReference } from '../../../trust/oci/docker-reference.ts';
import { opensslHome } from './openssl.ts';
import { now, trustHome } from './trust-home.ts';

const home = trustHome();
const openssl = opensslHome();
after(() => {
  home[Symbol.dispose]();
  openssl[Symbol.dispose]();
});
beforeEach(() => home.clear());

const alice = home.key('Alice <alice@example.com>', { date: '20200101T000000' });

/** OCI: what a cosign bundle, a cosign payload and a simple signing message for `digest` are. */
const digest: Digest = makeDigest('sha256', 'ab'.repeat(32));
const pair = openssl.keyPair('ed25519');
const cosignKey = parseCosignKey(openssl.publicKey(pair), 'cosign.pub');

function oci(reference: string, evidence: Evidence): Case {
  const parsed = parseDockerReference(reference)!;
  const subject = { name: parsed.repository, reference: parsed, digests: [digest] };
  return { request: `docker://${reference}`, kind: 'oci', subject, evidence: [evidence] };
}

function payload(type: string, reference: string): Buffer {
  const identity = { 'docker-reference': reference };
  const image = { 'docker-manifest-digest': digest };
  return Buffer.from(JSON.stringify({ critical: { type, image, identity }, optional: {} }));
}

test('evaluate() binds a simple signing message to the requested reference', async () => {
  await home.trustKey(alice, 'registry.example.com');
  const input = payload('atomic container signature', 'registry.example.com/app:signed');
  const message = home.gpg(['--local-user', alice, '--sign'], { input, date: '20200601T000000' });
  const evidence: Evidence = { type: 'simple-signing', message, firstSeen: now };
  const code = async (reference: string, today = home.trust()) =>
    (await evaluate(oci(reference, evidence), today, now)).verdict.code;
  assert.equal(await code('registry.example.com/app:signed'), undefined);
  assert.equal(await code(`registry.example.com/app@${digest}`), undefined);
  assert.equal(await code('registry.example.com/app:v1'), 'ERR_SIGNATURE_IDENTITY');
  const signedIdentity = { type: 'matchRepository' };
  const lax = home.trust({ default: { signedBy: 'keystore', signedIdentity } });
  assert.equal(await code('registry.example.com/app:v1', lax), undefined);
  assert.equal(await code('registry.example.com/other:signed', lax), 'ERR_SIGNATURE_IDENTITY');
});

test('evaluate() binds a cosign payload to the repository (identity confusion)', async () => {
  addCosignKey(home.store, 'registry.example.com', cosignKey);
  const content = payload('cosign container image signature', 'registry.example.com/app');
  const signature = openssl.sign(pair, content);
  const evidence: Evidence = { type: 'cosign', payload: content, signature, firstSeen: now };
  const verdict = async (reference: string) =>
    (await evaluate(oci(reference, evidence), home.trust(), now)).verdict;
  assert.equal((await verdict('registry.example.com/app:v1')).accepted, true);
  assert.equal((await verdict('registry.example.com/other:v1')).code, 'ERR_SIGNATURE_IDENTITY');
  assert.equal((await verdict('registry.example.org/app:v1')).code, 'ERR_KEY_UNKNOWN');
});

test('evaluate() takes a bundle without a name only from a key bound to a prefix, or under a rule for one', async () => {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: 'ab'.repeat(32) } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
  };
  const payloadType = 'application/vnd.in-toto+json';
  const content = Buffer.from(JSON.stringify(statement));
  const sig = openssl.sign(pair, preAuthenticationEncoding({ payloadType, payload: content }));
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: '' } },
    dsseEnvelope: {
      payload: content.toString('base64'),
      payloadType,
      signatures: [{ sig: sig.toString('base64') }],
    },
  };
  const evidence: Evidence = {
    type: 'sigstore-bundle',
    bundle: Buffer.from(JSON.stringify(bundle)),
    firstSeen: now,
  };
  const code = async (today: Trust) =>
    (await evaluate(oci('registry.example.com/app:v1', evidence), today, now)).verdict.code;
  addCosignKey(home.store, '', cosignKey);
  assert.equal(await code(home.trust()), 'ERR_SIGNATURE_IDENTITY');
  assert.equal(
    await code(home.trust({ prefixes: { 'registry.example.com': { signedBy: 'keystore' } } })),
    undefined,
  );
  addCosignKey(home.store, 'registry.example.com', cosignKey);
  assert.equal(await code(home.trust({})), undefined);
});
