import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Digest, makeDigest } from '../../../schema/digest.ts';
import type { Evidence } from '../../../trust/evidence.ts';
import { isAbout } from '../../../trust/is-about.ts';
import { gpgHome } from './gpg.ts';

const home = gpgHome();
after(() => home[Symbol.dispose]());
const alice = home.key('Alice');

const digest = makeDigest('sha256', 'ab'.repeat(32));
const other = makeDigest('sha256', 'cd'.repeat(32));
const long = makeDigest('sha512', 'ab'.repeat(64));
const firstSeen = new Date();

function claim(type: string, about: Digest): Buffer {
  const image = { 'docker-manifest-digest': about };
  const identity = { 'docker-reference': 'example.com/app' };
  return Buffer.from(JSON.stringify({ critical: { type, image, identity }, optional: null }));
}

const cosign = (payload: Buffer): Evidence => ({
  type: 'cosign',
  payload,
  signature: Buffer.from('not looked at'),
  firstSeen,
});

function simpleSigning(payload: Buffer, ...options: string[]): Evidence {
  const message = home.gpg(['--local-user', alice, ...options, '--sign'], { input: payload });
  return { type: 'simple-signing', message, firstSeen };
}

function bundle(statement: object, payloadType = 'application/vnd.in-toto+json'): Evidence {
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  const text = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { certificate: { rawBytes: '' } },
    dsseEnvelope: { payload, payloadType, signatures: [{ sig: '' }] },
  };
  return { type: 'sigstore-bundle', bundle: Buffer.from(JSON.stringify(text)), firstSeen };
}

const statement = (version: string, subject: object) => ({
  _type: `https://in-toto.io/Statement/${version}`,
  subject: [{ digest: { sha256: '00'.repeat(32) } }, { digest: subject }],
  predicateType: 'https://spdx.dev/Document',
});

const containers = 'atomic container signature';
const sigstore = 'cosign container image signature';

const good: Record<string, [Evidence, Digest]> = {
  'a payload of cosign': [cosign(claim(sigstore, digest)), digest],
  'a simple signing message': [simpleSigning(claim(containers, digest)), digest],
  'one that is not compressed': [simpleSigning(claim(containers, digest), '--compress-algo=none'), digest],
  'a statement of which it is one subject': [bundle(statement('v1', { sha256: 'ab'.repeat(32) })), digest],
  'an attestation of the older version': [bundle(statement('v0.1', { sha512: 'ab'.repeat(64) })), long],
};

const bad: Record<string, [Evidence, Digest]> = {
  'a payload of cosign about another image': [cosign(claim(sigstore, other)), digest],
  'a payload of the other format': [cosign(claim(containers, digest)), digest],
  'a payload that is none': [cosign(Buffer.from('{')), digest],
  'a payload without end': [cosign(Buffer.alloc(1 << 20, ' ')), digest],
  'a simple signing message about another image': [simpleSigning(claim(containers, other)), digest],
  'a message that is none': [{ type: 'simple-signing', message: Buffer.from('one'), firstSeen }, digest],
  'an empty message': [{ type: 'simple-signing', message: Buffer.alloc(0), firstSeen }, digest],
  'a bomb': [simpleSigning(Buffer.alloc(10 << 20), '--compress-algo=zip'), digest],
  'a statement about another image': [bundle(statement('v1', { sha256: 'cd'.repeat(32) })), digest],
  'a statement with the digest of another algorithm': [
    bundle(statement('v1', { sha512: 'ab'.repeat(32) })),
    digest,
  ],
  'a statement of another format': [bundle(statement('v9', { sha256: 'ab'.repeat(32) })), digest],
  'a statement whose predicate has no sensible type': [
    bundle({ ...statement('v1', { sha256: 'ab'.repeat(32) }), predicateType: 'x'.repeat(10_000) }),
    digest,
  ],
  'an envelope of something else': [
    bundle(statement('v1', { sha256: 'ab'.repeat(32) }), 'text/plain'),
    digest,
  ],
  'a detached signature': [
    { type: 'openpgp', signature: Buffer.alloc(1), digest: Buffer.from('ab'.repeat(32), 'hex'), firstSeen },
    digest,
  ],
};

for (const [what, [evidence, wanted]] of Object.entries(good))
  test(`isAbout() finds the digest in ${what}`, async () => assert.ok(await isAbout(evidence, wanted)));

for (const [what, [evidence, wanted]] of Object.entries(bad))
  test(`isAbout() is not taken in by ${what}`, async () => assert.ok(!(await isAbout(evidence, wanted))));
