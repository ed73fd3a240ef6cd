import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeDigest } from '../../../../schema/digest.ts';
import { parseDockerReference } from '../../../../trust/oci/docker-reference.ts';
import { decodeClaim, refuseOtherImage } from '../../../../trust/oci/simple-signing.ts';
import { parseKeys } from '../../../../trust/openpgp/key.ts';
import { verifySignedMessage } from '../../../../trust/openpgp/verify-message.ts';
import { gpgHome } from '../gpg.ts';

const home = gpgHome();
after(() => home[Symbol.dispose]());

const now = new Date();
const alice = home.key('Alice', { date: '20200101T000000' });
const keys = await parseKeys(home.export(alice), 'alice.asc');
const manifest = home.file(
  'manifest.json',
  '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}',
);
const digest = makeDigest('sha256', createHash('sha256').update(readFileSync(manifest)).digest('hex'));

const claim = {
  critical: {
    type: 'atomic container signature',
    image: { 'docker-manifest-digest': digest },
    identity: { 'docker-reference': 'example.com/team/app:v1' },
  },
  optional: { creator: 'a test', timestamp: 1600000000, anything: [1] },
};

function signInline(content: Uint8Array | string, ...options: string[]): Buffer {
  return home.gpg(['--local-user', alice, ...options, '--sign'], { input: content, date: '20210101T000000' });
}

test('verifySignedMessage() reads what skopeo signs', async () => {
  const output = join(home.directory, 'skopeo.sig');
  execFileSync(
    'skopeo',
    ['standalone-sign', '--output', output, manifest, 'example.com/team/app:v1', alice],
    {
      env: { ...process.env, GNUPGHOME: home.directory },
      stdio: 'ignore',
    },
  );
  const { payload, signature } = await verifySignedMessage(readFileSync(output), keys, { now: new Date() });
  assert.equal(signature.key, alice);
  const decoded = decodeClaim(payload, 'atomic container signature');
  assert.equal(decoded.digest, digest);
  refuseOtherImage(
    decoded,
    { reference: parseDockerReference('example.com/team/app:v1')!, digests: [digest] },
    { type: 'matchRepoDigestOrExact' },
  );
});

test('verifySignedMessage() refuses an altered message, another key, and a detached or clear-signed one', async () => {
  const message = signInline('{}', '--compress-level', '0');
  const altered = Buffer.from(message);
  altered[altered.indexOf('{}')] = 0x5b;
  await assert.rejects(verifySignedMessage(altered, keys, { now }), { code: 'ERR_SIGNATURE_MISMATCH' });
  await assert.rejects(verifySignedMessage(message, [], { now }), { code: 'ERR_KEY_UNKNOWN' });
  const detached = home.sign(alice, Buffer.from('{}'));
  await assert.rejects(verifySignedMessage(detached, keys, { now }), { code: 'ERR_SIGNATURE_FORMAT' });
  const clear = home.gpg(['--local-user', alice, '--clear-sign'], { input: '{}' });
  await assert.rejects(verifySignedMessage(clear, keys, { now }), { code: 'ERR_SIGNATURE_FORMAT' });
  const unsigned = home.gpg(['--store'], { input: '{}' });
  await assert.rejects(verifySignedMessage(unsigned, keys, { now }), { code: 'ERR_SIGNATURE_FORMAT' });
});

test('verifySignedMessage() refuses a decompression bomb in a signature', async () => {
  const bomb = signInline(Buffer.alloc(20 * 1024 * 1024), '--compress-algo', 'zlib');
  assert.ok(bomb.length < 64 * 1024, 'the bomb is small');
  await assert.rejects(verifySignedMessage(bomb, keys, { now }), { code: 'ERR_SIGNATURE_FORMAT' });
  await assert.rejects(verifySignedMessage(Buffer.alloc(65 * 1024), keys, { now }), {
    code: 'ERR_SIGNATURE_TOO_LARGE',
  });
});

test('verifySignedMessage() refuses text signatures, SHA-1, the future and expiry', async () => {
  const bad: readonly (readonly [readonly string[], string])[] = [
    [['--textmode'], 'ERR_SIGNATURE_TYPE'],
    [['--digest-algo', 'SHA1'], 'ERR_SIGNATURE_HASH'],
    [['--default-sig-expire', '1d'], 'ERR_SIGNATURE_EXPIRED'],
  ];
  for (const [options, code] of bad)
    await assert.rejects(verifySignedMessage(signInline('{}', ...options), keys, { now }), { code }, code);
  const early = { now: new Date('2020-06-01') };
  await assert.rejects(verifySignedMessage(signInline('{}'), keys, early), { code: 'ERR_SIGNATURE_FUTURE' });
});

test('verifySignedMessage() refuses a message signed twice', async () => {
  const bob = home.key('Bob');
  const twice = home.gpg(['--local-user', alice, '--local-user', bob, '--sign'], { input: '{}' });
  await assert.rejects(verifySignedMessage(twice, keys, { now: new Date() }), {
    code: 'ERR_SIGNATURE_FORMAT',
  });
});

test('decodeClaim() reads digest, reference and time', () => {
  const decoded = decodeClaim(Buffer.from(JSON.stringify(claim)), 'atomic container signature');
  assert.deepEqual(decoded, {
    digest,
    reference: { repository: 'example.com/team/app', tag: 'v1' },
    timestamp: new Date(1600000000000),
  });
});

test('decodeClaim() refuses everything that is not exactly the format', () => {
  const { critical } = claim;
  const bad: readonly (readonly [string, unknown])[] = [
    ['no optional', { critical }],
    ['a third member', { ...claim, more: 1 }],
    ['unknown in critical', { ...claim, critical: { ...critical, more: 1 } }],
    ['unknown in image', { ...claim, critical: { ...critical, image: { ...critical.image, x: 1 } } }],
    [
      'unknown in identity',
      { ...claim, critical: { ...critical, identity: { ...critical.identity, x: 1 } } },
    ],
    ['cosign type', { ...claim, critical: { ...critical, type: 'cosign container image signature' } }],
    [
      'bad digest',
      { ...claim, critical: { ...critical, image: { 'docker-manifest-digest': 'sha256:../x' } } },
    ],
    ['bad reference', { ...claim, critical: { ...critical, identity: { 'docker-reference': '../x' } } }],
    ['time as text', { ...claim, optional: { timestamp: 'now' } }],
  ];
  for (const [what, value] of bad)
    assert.throws(
      () => decodeClaim(Buffer.from(JSON.stringify(value)), 'atomic container signature'),
      { code: 'ERR_SIGNATURE_FORMAT' },
      what,
    );
  const twice = JSON.stringify(claim).replace('"optional"', '"critical":{},"optional"');
  assert.throws(() => decodeClaim(Buffer.from(twice), 'atomic container signature'), {
    message: /given twice/,
  });
});

test('refuseOtherImage() refuses another digest and a substituted tag', () => {
  const decoded = decodeClaim(Buffer.from(JSON.stringify(claim)), 'atomic container signature');
  const match = { type: 'matchRepoDigestOrExact' } as const;
  const reference = (text: string) => parseDockerReference(text)!;
  const other = {
    reference: reference('example.com/team/app:v1'),
    digests: [makeDigest('sha256', '1'.repeat(64))],
  };
  assert.throws(() => refuseOtherImage(decoded, other, match), { code: 'ERR_SIGNATURE_DIGEST' });
  const tag = { reference: reference('example.com/team/app:v2'), digests: [digest] };
  assert.throws(() => refuseOtherImage(decoded, tag, match), { code: 'ERR_SIGNATURE_IDENTITY' });
});
