import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { blobHasher } from '../../../../trust/openpgp/blob-hasher.ts';
import { parseSignatures } from '../../../../trust/openpgp/signature.ts';
import { gpgHome } from '../gpg.ts';

const home = gpgHome();
after(() => home[Symbol.dispose]());

const data = Buffer.from('an image');
const in2020 = { date: '20200601T000000' };
const alice = home.key('Alice', { date: '20200101T000000' });

function parseCode(file: Uint8Array): Promise<string> {
  return parseSignatures(file, 'image.asc').then(
    () => 'parsed',
    (error) => String(error.code),
  );
}

test('parseSignatures() refuses a truncated signature', async () => {
  const binary = home.sign(alice, data, in2020);
  const armored = home.sign(alice, data, { ...in2020, args: ['--armor'] });
  assert.equal(await parseCode(binary.subarray(0, -10)), 'ERR_SIGNATURE_FORMAT');
  assert.equal(await parseCode(armored.subarray(0, -20)), 'ERR_SIGNATURE_FORMAT');
  assert.equal(await parseCode(Buffer.alloc(0)), 'ERR_SIGNATURE_FORMAT');
});

test('verifyDetached() refuses an inline or clear-signed message where a detached signature belongs', async () => {
  const inline = home.gpg(['--local-user', alice, '--sign'], { input: data, ...in2020 });
  const clear = home.gpg(['--local-user', alice, '--clear-sign'], { input: data, ...in2020 });
  const armored = home.gpg(['--local-user', alice, '--armor', '--sign'], { input: data, ...in2020 });
  for (const file of [inline, clear, armored]) assert.equal(await parseCode(file), 'ERR_SIGNATURE_FORMAT');
});

test('parseSignatures() bounds the number and size of signatures', async () => {
  const one = home.sign(alice, data, in2020);
  assert.equal(await parseCode(Buffer.concat(Array(32).fill(one))), 'parsed');
  assert.equal(await parseCode(Buffer.concat(Array(33).fill(one))), 'ERR_SIGNATURE_TOO_MANY');
  assert.equal(await parseCode(Buffer.alloc(1024 * 1024 + 1)), 'ERR_SIGNATURE_TOO_LARGE');
});

test('blobHasher() gives the blob digest and those of its signatures from one pass', async () => {
  const binary = home.sign(alice, data, { ...in2020, args: ['--digest-algo', 'SHA512'] });
  const hasher = blobHasher(['sha512', 'sha256'], await parseSignatures(binary, 'image.asc'));
  hasher.update(data);
  assert.deepEqual(hasher.digest('sha512'), createHash('sha512').update(data).digest());
  assert.deepEqual(hasher.digest('sha256'), createHash('sha256').update(data).digest());
  assert.equal(hasher.signatureDigests()[0]?.length, 64);
});
