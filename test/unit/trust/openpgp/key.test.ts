import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseKeys } from '../../../../trust/openpgp/key.ts';
import { dearmor, gpgHome } from '../gpg.ts';

const home = gpgHome();
after(() => home[Symbol.dispose]());

const data = Buffer.from('an image');
const in2020 = { date: '20200601T000000' };
const alice = home.key('Alice <alice@example.com>', { date: '20200101T000000' });
const bob = home.key('Bob <bob@example.com>', { date: '20200101T000000' });

test('parseKeys() reads every key of a file, armored together, concatenated or binary', async () => {
  const together = home.gpg(['--armor', '--export', alice, bob]);
  const concatenated = Buffer.concat([home.export(alice), home.export(bob)]);
  for (const file of [together, concatenated, dearmor(home, together)]) {
    const keys = await parseKeys(file, 'keys.asc');
    assert.deepEqual(keys.map((key) => key.fingerprint).toSorted(), [alice, bob].toSorted() as string[]);
  }
});

test('parseKeys() refuses private keys, other files and floods', async () => {
  const secret = home.gpg(['--armor', '--export-secret-keys', alice]);
  await assert.rejects(parseKeys(secret, 'k'), { code: 'ERR_KEY_PRIVATE' });
  await assert.rejects(parseKeys(Buffer.from('hello'), 'k'), { code: 'ERR_KEY_FORMAT' });
  await assert.rejects(parseKeys(home.sign(alice, data, in2020), 'k'), { code: 'ERR_KEY_FORMAT' });
  await assert.rejects(parseKeys(Buffer.alloc(1024 * 1024 + 1), 'k'), { code: 'ERR_KEY_TOO_LARGE' });
  const flood = Buffer.concat([dearmor(home, home.export(alice)), ...Array(800).fill(userId())]);
  await assert.rejects(parseKeys(flood, 'k'), { code: 'ERR_KEY_TOO_LARGE' });
});

/** A user ID packet (tag 13) of 100 bytes. */
function userId(): Buffer {
  return Buffer.concat([Buffer.of(0xc0 | 13, 100), Buffer.alloc(100, 'x')]);
}
