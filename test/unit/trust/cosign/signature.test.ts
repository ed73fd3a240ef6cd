import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { parseDigest } from '../../../../schema/digest.ts';
import { preAuthenticationEncoding, verifySigstoreBundle } from '../../../../trust/cosign/bundle.ts';
import { parseCosignKey } from '../../../../trust/cosign/key.ts';
import { verifyCosign } from '../../../../trust/cosign/signature.ts';
import { opensslHome } from '../openssl.ts';

const home = opensslHome();
after(() => home[Symbol.dispose]());

const hex = 'ab'.repeat(32);
const digest = parseDigest(`sha256:${hex}`);
const other = parseDigest(`sha256:${'cd'.repeat(32)}`);
const payload = Buffer.from(
  JSON.stringify({
    critical: {
      identity: { 'docker-reference': 'registry.example.com/team/app' },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  }),
);

const signer = home.keyPair('ec:P-256');
const pem = home.publicKey(signer);
const key = parseCosignKey(pem, 'cosign.pub');
const stranger = parseCosignKey(home.publicKey(home.keyPair('ec:P-256')), 'other.pub');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const base64 = (value: Uint8Array | string) => Buffer.from(value).toString('base64');

test('verifyCosign() accepts what openssl signed with every kind of key', () => {
  const kinds: readonly (readonly [string, string | undefined])[] = [
    ['ec:P-256', 'sha256'],
    ['ec:P-384', 'sha256'],
    ['ec:P-384', 'sha384'],
    ['ec:P-521', 'sha256'],
    ['ec:P-521', 'sha512'],
    ['ed25519', undefined],
    ['rsa:2048', 'sha256'],
  ];
  for (const [algorithm, hash] of kinds) {
    const pair = home.keyPair(algorithm);
    const trusted = parseCosignKey(home.publicKey(pair), 'cosign.pub');
    const signature = home.sign(pair, payload, hash);
    const result = verifyCosign({ payload, signature }, [stranger, trusted]);
    assert.equal(result.key.fingerprint, trusted.fingerprint, algorithm);
    assert.equal(result.claim.digest, digest);
    assert.deepEqual(result.claim.reference, { repository: 'registry.example.com/team/app' });
  }
});

test('verifyCosign() refuses an altered payload, another key, and SHA-1', () => {
  const signature = home.sign(signer, payload, 'sha256');
  const altered = Buffer.from(payload.toString().replace('app', 'apt'));
  const code = 'ERR_SIGNATURE_MISMATCH';
  assert.throws(() => verifyCosign({ payload: altered, signature }, [key]), { code });
  assert.throws(() => verifyCosign({ payload, signature }, [stranger]), { code });
  assert.throws(() => verifyCosign({ payload, signature: home.sign(signer, payload, 'sha1') }, [key]), {
    code,
  });
  assert.throws(() => verifyCosign({ payload, signature: Buffer.alloc(0) }, [key]), { code });
  assert.throws(() => verifyCosign({ payload, signature }, []), { code: 'ERR_KEY_UNKNOWN' });
});

test('verifyCosign() refuses a good signature over another format', () => {
  const atomic = Buffer.from(payload.toString().replace('cosign container image', 'atomic container'));
  const signature = home.sign(signer, atomic, 'sha256');
  assert.throws(() => verifyCosign({ payload: atomic, signature }, [key]), { code: 'ERR_SIGNATURE_FORMAT' });
});

/** A legacy Rekor bundle whose entry says what `changes` say, and the truth otherwise. */
function rekorBundle(signature: Uint8Array, changes: Record<string, unknown> = {}): string {
  const facts = {
    kind: 'hashedrekord',
    hash: sha256(payload),
    content: base64(signature),
    pem: base64(pem),
    ...changes,
  };
  const body = {
    apiVersion: '0.0.1',
    kind: facts.kind,
    spec: {
      data: { hash: { algorithm: 'sha256', value: facts.hash } },
      signature: { content: facts.content, publicKey: { content: facts.pem } },
    },
  };
  return JSON.stringify({
    SignedEntryTimestamp: base64('set'),
    Payload: { body: base64(JSON.stringify(body)), integratedTime: 1, logIndex: 1, logID: 'c0' },
  });
}

test('verifyCosign() compares a Rekor bundle with what it wraps (CVE-2022-23649, CVE-2026-22703)', () => {
  const signature = home.sign(signer, payload, 'sha256');
  const verify = (bundle: string) => verifyCosign({ payload, signature, bundle }, [key]);
  assert.equal(verify(rekorBundle(signature)).key, key);
  const bad: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ hash: sha256(Buffer.from('x')) }, /another data hash/],
    [{ content: base64(home.sign(signer, payload, 'sha256')) }, /another signature/],
    [{ pem: base64(stranger.pem) }, /another public key/],
    [{ pem: base64('no key') }, /another public key/],
    [{ kind: 'rpm' }, /kind: expected one of/],
  ];
  for (const [changes, message] of bad)
    assert.throws(() => verify(rekorBundle(signature, changes)), { code: 'ERR_SIGNATURE_BUNDLE', message });
  assert.throws(() => verify('{}'), { code: 'ERR_SIGNATURE_BUNDLE' });
});

const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: '', digest: { sha256: hex } }],
  predicateType: 'https://sigstore.dev/cosign/sign/v1',
  predicate: {},
};

/** A v0.3 bundle, signed for what it holds unless `signed` says otherwise. */
function bundle(
  content: unknown = statement,
  changes: Record<string, unknown> = {},
  material: unknown = undefined,
) {
  const envelope = {
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from(JSON.stringify(content)),
  };
  const sig = home.sign(signer, preAuthenticationEncoding(envelope), 'sha256');
  const document = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: material ?? { publicKey: { hint: base64(Buffer.from(key.fingerprint, 'hex')) } },
    dsseEnvelope: {
      ...envelope,
      payload: base64(envelope.payload),
      signatures: [{ sig: base64(sig) }],
      ...changes,
    },
  };
  return Buffer.from(JSON.stringify(document));
}

test('verifySigstoreBundle() accepts a v0.3 bundle for the manifest or its index', () => {
  assert.equal(verifySigstoreBundle(bundle(), [stranger, key], [other, digest]), key);
});

test('verifySigstoreBundle() refuses another subject, predicate, payload type, key, and two signatures', () => {
  const verify = (bytes: Uint8Array, keys = [key]) => verifySigstoreBundle(bytes, keys, [digest]);
  const elsewhere = { ...statement, subject: [{ digest: { sha256: '00'.repeat(32) } }] };
  assert.throws(() => verify(bundle(elsewhere)), { code: 'ERR_SIGNATURE_DIGEST' });
  const sbom = { ...statement, predicateType: 'https://spdx.dev/Document' };
  assert.throws(() => verify(bundle(sbom)), { code: 'ERR_SIGNATURE_FORMAT', message: /predicateType/ });
  const payload = base64(JSON.stringify(elsewhere));
  assert.throws(() => verify(bundle(statement, { payload })), { code: 'ERR_SIGNATURE_MISMATCH' });
  assert.throws(() => verify(bundle(statement, { payloadType: 'x' })), { code: 'ERR_SIGNATURE_FORMAT' });
  assert.throws(() => verify(bundle(), [stranger]), { code: 'ERR_SIGNATURE_MISMATCH' });
  assert.throws(() => verify(bundle(statement, { signatures: [] })), { message: /exactly one signature/ });
  assert.throws(() => verify(bundle(statement, {}, { certificate: { rawBytes: 'AA==' } })), {
    code: 'ERR_SIGNATURE_UNSUPPORTED',
  });
});

test('verifySigstoreBundle() compares the log entry it carries', () => {
  const bytes = JSON.parse(bundle().toString());
  const { payload: signed, signatures } = bytes.dsseEnvelope;
  const entry = (hash: string, verifier = base64(pem)) => ({
    canonicalizedBody: base64(
      JSON.stringify({
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          payloadHash: { algorithm: 'sha256', value: hash },
          signatures: [{ signature: signatures[0].sig, verifier }],
        },
      }),
    ),
  });
  const withEntry = (tlogEntry: unknown) => {
    const verificationMaterial = { ...bytes.verificationMaterial, tlogEntries: [tlogEntry] };
    return Buffer.from(JSON.stringify({ ...bytes, verificationMaterial }));
  };
  const hash = sha256(Buffer.from(signed, 'base64'));
  assert.equal(verifySigstoreBundle(withEntry(entry(hash)), [key], [digest]), key);
  assert.throws(() => verifySigstoreBundle(withEntry(entry('00')), [key], [digest]), {
    message: /another data hash/,
  });
  const foreign = withEntry(entry(hash, base64(stranger.pem)));
  assert.throws(() => verifySigstoreBundle(foreign, [key], [digest]), { message: /another public key/ });
});

test('preAuthenticationEncoding() gives the DSSE specification example', () => {
  const envelope = { payloadType: 'http://example.com/HelloWorld', payload: Buffer.from('hello world') };
  const expected = 'DSSEv1 29 http://example.com/HelloWorld 11 hello world';
  assert.equal(preAuthenticationEncoding(envelope).toString(), expected);
});
