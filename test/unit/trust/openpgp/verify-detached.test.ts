import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { blobHasher } from '../../../../trust/openpgp/blob-hasher.ts';
import { type OpenpgpKey, parseKeys } from '../../../../trust/openpgp/key.ts';
import { parseSignatures } from '../../../../trust/openpgp/signature.ts';
import { identifySigner, verifyDetached } from '../../../../trust/openpgp/verify-detached.ts';
import { verifyByStream } from '../../../../trust/openpgp/verify-packet.ts';
import { dearmor, gpgHome } from '../gpg.ts';

const home = gpgHome();
after(() => home[Symbol.dispose]());

const data = Buffer.from('an image\nwith two lines\n');
const now = new Date('2026-01-01T00:00:00Z');
const in2020 = { date: '20200601T000000' };

const alice = home.key('Alice <alice@example.com>', { date: '20200101T000000' });
const bob = home.key('Bob <bob@example.com>', { algorithm: 'rsa2048', date: '20200101T000000' });
const mallory = home.key('Mallory', { date: '20200101T000000' });

async function trusted(...fingerprints: string[]): Promise<readonly OpenpgpKey[]> {
  const files = await Promise.all(fingerprints.map((each) => parseKeys(home.export(each), `${each}.asc`)));
  return files.flat();
}

/** What becomes of each signature in `file`: its key, or the code it was refused with. */
async function outcomes(
  file: Uint8Array,
  keys: readonly OpenpgpKey[],
  { signed = data, firstSeen }: { readonly signed?: Uint8Array; readonly firstSeen?: Date } = {},
): Promise<readonly string[]> {
  const signatures = await parseSignatures(file, 'image.asc');
  const hasher = blobHasher([], signatures);
  hasher.update(signed.subarray(0, 5));
  hasher.update(signed.subarray(5));
  const digests = hasher.signatureDigests();
  const moment = firstSeen === undefined ? { now } : { now, firstSeen };
  return Promise.all(
    signatures.map((signature, index) =>
      verifyDetached(signature, { digest: digests[index] ?? new Uint8Array() }, keys, moment).then(
        (good) => good.key,
        (error) => String(error.code),
      ),
    ),
  );
}

test('verifyDetached() accepts what gpg signed: armored, binary, ed25519, RSA', async () => {
  const keys = await trusted(alice, bob);
  assert.deepEqual(await outcomes(home.sign(alice, data, in2020), keys), [alice]);
  assert.deepEqual(await outcomes(home.sign(alice, data, { ...in2020, args: ['--armor'] }), keys), [alice]);
  assert.deepEqual(await outcomes(home.sign(bob, data, in2020), keys), [bob]);
});

test('verifyDetached() accepts every hash gpg signs with but the broken ones', async () => {
  const keys = await trusted(bob);
  for (const hash of ['SHA224', 'SHA256', 'SHA384', 'SHA512']) {
    const signature = home.sign(bob, data, { ...in2020, args: ['--digest-algo', hash] });
    assert.deepEqual(await outcomes(signature, keys), [bob], hash);
  }
});

test('parseSignatures() reads two signers in one block', async () => {
  const both = home.sign(alice, data, { ...in2020, args: ['--armor', '--local-user', bob] });
  assert.deepEqual((await outcomes(both, await trusted(alice, bob))).toSorted(), [alice, bob].toSorted());
});

test('parseSignatures() reads all of several concatenated armor blocks', async () => {
  const armored = (signer: string) => home.sign(signer, data, { ...in2020, args: ['--armor'] });
  const file = Buffer.concat([armored(alice), Buffer.from('and\n'), armored(bob)]);
  assert.deepEqual(await outcomes(file, await trusted(alice, bob)), [alice, bob]);
});

test('verifyDetached() accepts a signing subkey and names its primary key', async () => {
  const primary = home.key('Carol', { usage: 'cert', date: '20200101T000000' });
  home.gpg(['--quick-add-key', primary, 'ed25519', 'sign', 'never'], { date: '20200101T000000' });
  const signature = home.sign(primary, data, in2020);
  const [parsed] = await parseSignatures(signature, 'image.asc');
  assert.notEqual(parsed?.issuer.fingerprint, primary);
  assert.deepEqual(await outcomes(signature, await trusted(primary)), [primary]);
});

test('verifyDetached() accepts v6 keys and signatures', async () => {
  const openpgp = await import('openpgp');
  const { privateKey, publicKey } = await openpgp.generateKey({
    userIDs: [{ name: 'Six' }],
    date: new Date('2020-01-01'),
    format: 'object',
    config: { v6Keys: true },
  });
  const signature = await openpgp.sign({
    message: await openpgp.createMessage({ binary: new Uint8Array(data) }),
    signingKeys: privateKey,
    detached: true,
    format: 'binary',
    date: new Date('2020-06-01'),
  });
  const keys = await parseKeys(publicKey.write(), 'six.asc');
  assert.equal(keys[0]?.fingerprint.length, 64);
  assert.deepEqual(await outcomes(signature, keys), [keys[0]?.fingerprint]);
  assert.deepEqual(await outcomes(signature, keys, { signed: Buffer.from('x') }), ['ERR_SIGNATURE_MISMATCH']);
});

test('verifyDetached() refuses a signature by a key that is not trusted', async () => {
  assert.deepEqual(await outcomes(home.sign(mallory, data, in2020), await trusted(alice)), [
    'ERR_KEY_UNKNOWN',
  ]);
});

test('verifyDetached() refuses data with one byte altered, cut short, or longer', async () => {
  const keys = await trusted(alice);
  const signature = home.sign(alice, data, in2020);
  const altered = Buffer.from(data);
  altered[3] = (altered[3] ?? 0) ^ 1;
  for (const signed of [altered, data.subarray(0, -1), Buffer.concat([data, Buffer.of(0)])])
    assert.deepEqual(await outcomes(signature, keys, { signed }), ['ERR_SIGNATURE_MISMATCH']);
});

test('verifyDetached() refuses the signature of another file (swapped signatures)', async () => {
  const other = home.sign(alice, Buffer.from('another image'), in2020);
  assert.deepEqual(await outcomes(other, await trusted(alice)), ['ERR_SIGNATURE_MISMATCH']);
});

test('verifyDetached() refuses a signature of the empty file for any other', async () => {
  const empty = home.sign(alice, Buffer.alloc(0), in2020);
  assert.deepEqual(await outcomes(empty, await trusted(alice)), ['ERR_SIGNATURE_MISMATCH']);
});

test('verifyDetached() refuses a text signature (0x01), which also fits a file with other line ends', async () => {
  const text = home.sign(alice, data, { ...in2020, args: ['--textmode'] });
  assert.deepEqual(await outcomes(text, await trusted(alice)), ['ERR_SIGNATURE_TYPE']);
});

test('verifyDetached() refuses SHA-1 and MD5', async () => {
  for (const hash of ['SHA1', 'MD5']) {
    const signature = home.sign(bob, data, { ...in2020, args: ['--digest-algo', hash] });
    assert.deepEqual(await outcomes(signature, await trusted(bob)), ['ERR_SIGNATURE_HASH']);
  }
});

test('verifyDetached() refuses RSA-1024 and DSA', async () => {
  for (const algorithm of ['rsa1024', 'dsa1024']) {
    const weak = home.key(algorithm, { algorithm, date: '20200101T000000' });
    const signature = home.sign(weak, data, { ...in2020, args: ['--digest-algo', 'SHA256'] });
    assert.deepEqual(await outcomes(signature, await trusted(weak)), ['ERR_KEY_WEAK'], algorithm);
  }
});

test('verifyDetached() refuses a signature from the future', async () => {
  const signature = home.sign(alice, data, { date: '20300101T000000' });
  assert.deepEqual(await outcomes(signature, await trusted(alice)), ['ERR_SIGNATURE_FUTURE']);
});

test('verifyDetached() refuses an expired signature', async () => {
  const signature = home.sign(alice, data, { ...in2020, args: ['--default-sig-expire', '1d'] });
  assert.deepEqual(await outcomes(signature, await trusted(alice)), ['ERR_SIGNATURE_EXPIRED']);
});

test('verifyDetached() refuses an expired key, even for a back-dated signature, unless it saw the signature in time', async () => {
  const expired = home.key('Expired', { date: '20200101T000000', expires: '1y' });
  const signature = home.sign(expired, data, in2020);
  const keys = await trusted(expired);
  assert.deepEqual(await outcomes(signature, keys), ['ERR_KEY_EXPIRED']);
  assert.deepEqual(await outcomes(signature, keys, { firstSeen: new Date('2020-07-01') }), [expired]);
  assert.deepEqual(await outcomes(signature, keys, { firstSeen: new Date('2021-07-01') }), [
    'ERR_KEY_EXPIRED',
  ]);
  assert.deepEqual(await outcomes(signature, keys, { firstSeen: new Date('2020-03-01') }), [
    'ERR_KEY_EXPIRED',
  ]);
});

test('verifyDetached() accepts signatures older than the self-signature of a key whose life was extended', async () => {
  const extended = home.key('Extended', { date: '20200101T000000', expires: '1y' });
  const signature = home.sign(extended, data, in2020);
  home.gpg(['--quick-set-expire', extended, '10y'], { date: '20201201T000000' });
  const keys = await parseKeys(home.export(extended, '--export-options', 'export-minimal'), 'extended.asc');
  assert.deepEqual(await outcomes(signature, keys), [extended]);
});

test('verifyDetached() refuses a revoked key, whatever was seen before', async () => {
  const revoked = home.key('Revoked', { date: '20200101T000000' });
  const signature = home.sign(revoked, data, in2020);
  const file = `${home.directory}/openpgp-revocs.d/${revoked.toUpperCase()}.rev`;
  home.gpg(['--import'], { input: readFileSync(file, 'utf8').replace(':-----BEGIN', '-----BEGIN') });
  const keys = await trusted(revoked);
  assert.deepEqual(await outcomes(signature, keys), ['ERR_KEY_REVOKED']);
  assert.deepEqual(await outcomes(signature, keys, { firstSeen: new Date('2020-07-01') }), [
    'ERR_KEY_REVOKED',
  ]);
});

test('verifyDetached() refuses a retired key, unless it saw the signature before', async () => {
  const retired = home.key('Retired', { date: '20200101T000000' });
  const signature = home.sign(retired, data, in2020);
  const retire = ['--no-batch', '--command-fd', '0', '--gen-revoke', retired];
  const revocation = home.gpg(retire, { input: 'y\n3\n\ny\n', date: '20210101T000000' });
  home.gpg(['--import'], { input: revocation });
  const keys = await trusted(retired);
  assert.deepEqual(await outcomes(signature, keys), ['ERR_KEY_REVOKED']);
  assert.deepEqual(await outcomes(signature, keys, { firstSeen: new Date('2020-07-01') }), [retired]);
  assert.deepEqual(await outcomes(signature, keys, { firstSeen: new Date('2021-07-01') }), [
    'ERR_KEY_REVOKED',
  ]);
});

test('verifyDetached() refuses a key without the signing flag', async () => {
  const certifier = home.key('Certifier', { date: '20200101T000000' });
  const signature = home.sign(certifier, data, in2020);
  const edit = ['--no-batch', '--expert', '--command-fd', '0', '--edit-key', certifier];
  home.gpg(edit, { input: 'change-usage\nS\nQ\nsave\n', date: '20200101T000001' });
  assert.deepEqual(await outcomes(signature, await trusted(certifier)), ['ERR_KEY_USAGE']);
});

test('verifyDetached() refuses a subkey that was revoked or has expired', async () => {
  const primary = home.key('Dora', { usage: 'cert', date: '20200101T000000' });
  home.gpg(['--quick-add-key', primary, 'ed25519', 'sign', '1y'], { date: '20200101T000000' });
  const signature = home.sign(primary, data, in2020);
  assert.deepEqual(await outcomes(signature, await trusted(primary)), ['ERR_KEY_EXPIRED']);
  const edit = ['--no-batch', '--command-fd', '0', '--edit-key', primary];
  home.gpg(edit, { input: 'key 1\nrevkey\ny\n0\n\ny\nsave\n', date: '20200801T000000' });
  assert.deepEqual(await outcomes(signature, await trusted(primary)), ['ERR_KEY_REVOKED']);
});

test('verifyDetached() refuses a subkey that somebody slipped into a trusted key', async () => {
  const stranger = dearmor(home, home.export(mallory));
  assert.equal(stranger[0], 0x98, 'a public key packet, tag 6, with a length of one byte');
  const packet = stranger.subarray(0, 2 + Number(stranger[1]));
  const asSubkey = Buffer.concat([Buffer.of(0xb8), packet.subarray(1)]);
  const keys = await parseKeys(Buffer.concat([dearmor(home, home.export(alice)), asSubkey]), 'alice.asc');
  assert.equal(keys[0]?.key.subkeys[0]?.getFingerprint(), mallory);
  assert.deepEqual(await outcomes(home.sign(mallory, data, in2020), keys), ['ERR_KEY_INVALID']);
});

test('identifySigner() refuses, before the data is there, what no data could make good', async () => {
  const keys = await trusted(alice);
  const code = async (file: Uint8Array) => {
    const [signature] = await parseSignatures(file, 'image.asc');
    try {
      return identifySigner(signature!, keys, { now }).fingerprint;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  assert.equal(await code(home.sign(alice, data, in2020)), alice);
  assert.equal(await code(home.sign(mallory, data, in2020)), 'ERR_KEY_UNKNOWN');
  assert.equal(await code(home.sign(alice, data, { ...in2020, args: ['--textmode'] })), 'ERR_SIGNATURE_TYPE');
});

test('identifySigner() refuses a key ID that two trusted keys share', async () => {
  const keys = await trusted(alice, bob);
  const issuer = { keyId: alice.slice(24) };
  const [signature] = await parseSignatures(home.sign(alice, data, in2020), 'image.asc');
  assert.equal(identifySigner({ ...signature!, issuer }, keys, { now }).fingerprint, alice);
  const twin = {
    ...keys[1]!,
    key: Object.create(keys[1]!.key, { getKeyID: { value: () => ({ toHex: () => issuer.keyId }) } }),
  };
  twin.key.getKeys = () => [twin.key];
  assert.throws(() => identifySigner({ ...signature!, issuer }, [keys[0]!, twin], { now }), {
    code: 'ERR_KEY_AMBIGUOUS',
  });
});

test('verifyDetached() says in one sentence which key was refused and why', async () => {
  const [signature] = await parseSignatures(home.sign(alice, data, in2020), 'image.asc');
  const verdict = verifyDetached(signature!, { digest: Buffer.alloc(32) }, await trusted(alice), { now });
  await assert.rejects(verdict, { message: `signature by key ${alice}: does not match the data` });
});

test('verifyByStream() judges as the digest does, for a library that ignores digests', async () => {
  const [owner] = await trusted(alice);
  const [signature] = await parseSignatures(home.sign(alice, data, in2020), 'image.asc');
  const question = { signature: signature!.bytes, key: owner!.key, now };
  const stream = (bytes: Uint8Array) =>
    async function* () {
      yield bytes.subarray(0, 7);
      yield bytes.subarray(7);
    };
  await verifyByStream(question, stream(data));
  await assert.rejects(verifyByStream(question, stream(Buffer.from('something else'))));
  await assert.rejects(verifyByStream(question, undefined), { code: 'ERR_OPENPGP_LIBRARY' });
});
