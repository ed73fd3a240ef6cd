import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { type Digest, makeDigest } from '../../../schema/digest.ts';
import { affectedBy } from '../../../trust/affected-by.ts';
import { blobHasher } from '../../../trust/blob-hasher.ts';
import { parseCosignKey } from '../../../trust/cosign-key.ts';
import { formatRecord, parseRecord, recordOf, reevaluate } from '../../../trust/decision-record.ts';
import { parseDockerReference } from '../../../trust/docker-reference.ts';
import { type Case, evaluate, refusalOf, type Trust } from '../../../trust/evaluate.ts';
import { type Evidence, openpgpEvidence, withReceipts } from '../../../trust/evidence.ts';
import { explain } from '../../../trust/explain.ts';
import type { KeyStore } from '../../../trust/keystore.ts';
import { addCosignKey, addOpenpgpKey, revokeKey } from '../../../trust/keystore-write.ts';
import { parseKeys } from '../../../trust/openpgp-key.ts';
import { parseSignatures } from '../../../trust/openpgp-signature.ts';
import { readPolicy } from '../../../trust/policy-file.ts';
import { preAuthenticationEncoding } from '../../../trust/sigstore-bundle.ts';
import { gpgHome } from './gpg.ts';
import { opensslHome } from './openssl.ts';

const home = gpgHome();
const openssl = opensslHome();
after(() => {
  home[Symbol.dispose]();
  openssl[Symbol.dispose]();
});

const etc = join(home.directory, 'etc');
const store: KeyStore = [{ origin: 'local', directory: join(etc, 'trustedkeys') }];
const now = new Date('2026-01-01T00:00:00Z');
const seen2020 = new Date('2020-07-01T00:00:00Z');
const blob = Buffer.from('an ACI as it was served');

const alice = home.key('Alice <alice@example.com>', { date: '20200101T000000' });
const bob = home.key('Bob', { date: '20200101T000000' });
const brief = home.key('Brief', { date: '20200101T000000', expires: '1y' });

beforeEach(() => {
  rmSync(etc, { recursive: true, force: true });
  mkdirSync(join(etc, 'policy.d'), { recursive: true });
});

function trust(policy?: unknown): Trust {
  const directory = join(etc, 'policy.d');
  if (policy !== undefined) writeFileSync(join(directory, '10.json'), JSON.stringify(policy));
  return { store, policy: readPolicy([directory]) };
}

async function trustKey(fingerprint: string, prefix = 'example.com'): Promise<string> {
  const [key] = await parseKeys(home.export(fingerprint), 'key');
  return addOpenpgpKey(store, prefix, key!);
}

/** An ACI of this name, signed by these keys. */
async function aci(name: string, signers: readonly string[], firstSeen = now): Promise<Case> {
  const files = signers.map((signer) => home.sign(signer, blob, { date: '20200601T000000' }));
  const signatures = files.length === 0 ? [] : await parseSignatures(Buffer.concat(files), 'image.aci.asc');
  const hasher = blobHasher(['sha512'], signatures);
  hasher.update(blob);
  const digests = [makeDigest('sha512', hasher.digest('sha512').toString('hex'))];
  const evidence = openpgpEvidence(signatures, hasher, firstSeen);
  return { request: `${name}:1.0`, kind: 'aci', subject: { name, digests }, evidence };
}

test('evaluate() trusts an ACI signed by a key of its prefix', async () => {
  await trustKey(alice);
  const { verdict, signatures } = await evaluate(await aci('example.com/app', [alice]), trust(), now);
  assert.deepEqual([verdict.accepted, verdict.verified], [true, true]);
  assert.equal(signatures[0]?.place?.scope, 'example.com');
});

test('evaluate() refuses: unsigned, unknown key, key of another prefix, key of a sibling prefix (etcd-evil)', async () => {
  await trustKey(alice, 'example.com/etcd');
  const code = async (name: string, ...signers: string[]) => {
    const decision = await evaluate(await aci(name, signers), trust(), now);
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
  await trustKey(alice);
  await trustKey(bob);
  const two = trust({ default: { signedBy: 'keystore', threshold: 2 } });
  const accepted = async (...signers: string[]) =>
    (await evaluate(await aci('example.com/app', signers), two, now)).verdict.accepted;
  assert.equal(await accepted(alice, alice), false);
  assert.equal(await accepted(alice, bob), true);
});

test('refusalOf() says what, why and what to do next', async () => {
  const error = refusalOf(await evaluate(await aci('example.com/app', [alice]), trust(), now));
  assert.equal(error.message, `trust example.com/app:1.0: signature by key ${alice}: no such key is trusted`);
  assert.equal(error.hint, 'if you trust its publisher: tsrkt trust --prefix example.com/app');
});

test('a record survives being written and read, byte for byte', async () => {
  await trustKey(alice);
  const record = recordOf(await evaluate(await aci('example.com/app', [alice, bob]), trust(), now));
  const text = formatRecord(record);
  const again = parseRecord(Buffer.from(text), 'record');
  assert.deepEqual(JSON.parse(formatRecord(again)), JSON.parse(text));
  assert.equal(again.mode, 'verified');
  assert.deepEqual(
    again.signatures.map(({ outcome }) => outcome),
    ['good', 'refused'],
  );
  assert.deepEqual(again.signatures[0]?.evidence, record.signatures[0]?.evidence);
  assert.throws(() => parseRecord(Buffer.from('{}'), 'record'), { code: 'ERR_BAD_RECORD' });
});

test('a record of what nothing verified says unverified and why, whoever let it in', async () => {
  const unsigned = recordOf(await evaluate(await aci('example.com/app', []), trust(), now));
  assert.deepEqual(
    [unsigned.mode, unsigned.reason],
    ['unverified', '--insecure-options=image, although it has no signature'],
  );
  const anything = trust({ default: { insecureAcceptAnything: true } });
  const accepted = recordOf(await evaluate(await aci('example.com/app', []), anything, now));
  assert.equal(accepted.mode, 'unverified');
});

test('reevaluate() accepts from the record alone what today still accepts', async () => {
  await trustKey(alice);
  const question = await aci('example.com/app', [alice]);
  const record = parseRecord(
    Buffer.from(formatRecord(recordOf(await evaluate(question, trust(), now)))),
    'r',
  );
  const today = await reevaluate(record, question.subject.digests[0]!, trust(), new Date('2027-01-01'));
  assert.equal(today.verdict.accepted, true);
});

test('reevaluate() refuses after the key was removed, revoked, or the policy changed', async () => {
  const path = await trustKey(alice);
  const question = await aci('example.com/app', [alice]);
  const digest = question.subject.digests[0]!;
  const record = recordOf(await evaluate(question, trust(), now));
  const code = async (today: Trust) => (await reevaluate(record, digest, today, now)).verdict.code;
  assert.equal(await code(trust()), undefined);
  assert.equal(await code(trust({ prefixes: { 'example.com/app': { reject: true } } })), 'ERR_POLICY_REJECT');
  assert.equal(await code(trust({})), undefined);
  revokeKey(store, alice);
  assert.equal(await code(trust()), 'ERR_KEY_UNKNOWN');
  rmSync(join(etc, 'trustedkeys/revoked.d'), { recursive: true });
  rmSync(path);
  assert.equal(await code(trust()), 'ERR_KEY_UNKNOWN');
});

test('reevaluate() says nothing about another image than the record is of (tag poisoning, CVE-2026-50195)', async () => {
  await trustKey(alice);
  const record = recordOf(await evaluate(await aci('example.com/app', [alice]), trust(), now));
  const other = makeDigest('sha512', 'ab'.repeat(64));
  await assert.rejects(reevaluate(record, other, trust(), now), { code: 'ERR_BAD_RECORD' });
});

test('reevaluate() keeps what was signed and first seen before the key expired, not what came later', async () => {
  await trustKey(brief);
  const early = await aci('example.com/app', [brief], seen2020);
  const digest = early.subject.digests[0]!;
  const record = recordOf(await evaluate(early, trust(), seen2020));
  assert.equal((await reevaluate(record, digest, trust(), now)).verdict.accepted, true);
  const late = await evaluate(await aci('example.com/app', [brief]), trust(), now);
  assert.equal(late.verdict.code, 'ERR_KEY_EXPIRED');
});

test('withReceipts() keeps the first receipt of the same signature, and of no other', async () => {
  const { evidence } = await aci('example.com/app', [alice], now);
  const earlier = evidence.map((each) => ({ ...each, firstSeen: seen2020 }));
  assert.deepEqual(withReceipts(evidence, earlier), earlier);
  const other = (await aci('example.com/app', [bob], seen2020)).evidence;
  assert.deepEqual(withReceipts(evidence, other), evidence);
});

test('revokeKey() of a subkey refuses its signatures, too', async () => {
  const carol = home.key('Carol', { usage: 'cert', date: '20200101T000000' });
  home.gpg(['--quick-add-key', carol, 'ed25519', 'sign', 'never'], { date: '20200101T000000' });
  await trustKey(carol);
  const question = await aci('example.com/app', [carol]);
  const good = await evaluate(question, trust(), now);
  assert.equal(good.verdict.accepted, true);
  revokeKey(store, good.signatures[0]!.signer!);
  assert.equal((await evaluate(question, trust(), now)).verdict.code, 'ERR_KEY_REVOKED');
});

test('affectedBy() lists the images that a key let in', async () => {
  await trustKey(alice);
  await trustKey(bob);
  const images = await Promise.all(
    [[alice], [bob], [alice, bob], []].map(async (signers, id) => {
      const record = recordOf(await evaluate(await aci('example.com/app', signers), trust(), now));
      return { id, record };
    }),
  );
  assert.deepEqual(
    affectedBy(alice, images).map(({ id }) => id),
    [0, 2],
  );
});

test('explain() tells which key, which prefix, which signature, and what to do', async () => {
  const path = await trustKey(alice);
  const decision = await evaluate(await aci('example.com/app', [alice, bob]), trust(), now);
  const text = explain(decision, recordOf(decision)).join('\n');
  assert.match(text, /^image {6}example\.com\/app:1\.0 \(aci\)$/m);
  assert.match(
    text,
    new RegExp(`good .*made 2020-06-01.*by key ${alice}, trusted for "example.com" by ${path}`),
  );
  assert.match(text, new RegExp(`refused .*signature by key ${bob}: no such key is trusted`));
  assert.match(text, /^let in {5}2026-01-01T00:00:00\.000Z, verified: signed by/m);
  assert.match(text, /^today {6}trusted: /m);
  const refused = await evaluate(await aci('example.com/app', [bob]), trust(), now);
  assert.match(explain(refused).join('\n'), /^next {7}if you trust its publisher: tsrkt trust --prefix/m);
});

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
  await trustKey(alice, 'registry.example.com');
  const input = payload('atomic container signature', 'registry.example.com/app:signed');
  const message = home.gpg(['--local-user', alice, '--sign'], { input, date: '20200601T000000' });
  const evidence: Evidence = { type: 'simple-signing', message, firstSeen: now };
  const code = async (reference: string, today = trust()) =>
    (await evaluate(oci(reference, evidence), today, now)).verdict.code;
  assert.equal(await code('registry.example.com/app:signed'), undefined);
  assert.equal(await code(`registry.example.com/app@${digest}`), undefined);
  assert.equal(await code('registry.example.com/app:v1'), 'ERR_SIGNATURE_IDENTITY');
  const signedIdentity = { type: 'matchRepository' };
  const lax = trust({ default: { signedBy: 'keystore', signedIdentity } });
  assert.equal(await code('registry.example.com/app:v1', lax), undefined);
  assert.equal(await code('registry.example.com/other:signed', lax), 'ERR_SIGNATURE_IDENTITY');
});

test('evaluate() binds a cosign payload to the repository (identity confusion)', async () => {
  addCosignKey(store, 'registry.example.com', cosignKey);
  const content = payload('cosign container image signature', 'registry.example.com/app');
  const signature = openssl.sign(pair, content);
  const evidence: Evidence = { type: 'cosign', payload: content, signature, firstSeen: now };
  const verdict = async (reference: string) =>
    (await evaluate(oci(reference, evidence), trust(), now)).verdict;
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
  addCosignKey(store, '', cosignKey);
  assert.equal(await code(trust()), 'ERR_SIGNATURE_IDENTITY');
  assert.equal(
    await code(trust({ prefixes: { 'registry.example.com': { signedBy: 'keystore' } } })),
    undefined,
  );
  addCosignKey(store, 'registry.example.com', cosignKey);
  assert.equal(await code(trust({})), undefined);
});
