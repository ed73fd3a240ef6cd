import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type TrustPlace, trustPlace } from './trust-place.ts';

const fixtures = join(import.meta.dirname, '../fixtures/trust');

interface Attack {
  /** What is done to a signed image of a trusted publisher. */
  readonly act: (place: TrustPlace, image: string) => unknown;
  /** What `fetch` says about it. */
  readonly says: RegExp;
}

const attacks: Readonly<Record<string, Attack>> = {
  'without a signature (unsigned)': {
    act: (_, image) => rmSync(`${image}.asc`),
    says: /it has no signature\nhint: ask its publisher for a signature, or allow it: --insecure-options=image/,
  },
  'by a key nobody trusts (wrong key)': {
    act: ({ gpg, sign }, image) => sign(image, gpg.key('Stranger <stranger@example.com>')),
    says: /signature by key [0-9a-f]{40}: no such key is trusted\nhint: if you trust its publisher: tsrkt trust --prefix PREFIX KEYFILE/,
  },
  'by a key for another prefix (wrong prefix)': {
    act: async ({ gpg, sign, trust }, image) => {
      const other = gpg.key('Other <other@example.com>');
      await trust('example.com/other', other);
      sign(image, other);
    },
    says: /signature by key [0-9a-f]{40}: no such key is trusted\nhint: if you trust its publisher: tsrkt trust --prefix example\.com\/box/,
  },
  'with one byte altered (altered byte)': {
    act: (_, image) => {
      const bytes = readFileSync(image);
      bytes[bytes.length - 1024] = 1;
      writeFileSync(image, bytes);
    },
    says: /signature by key [0-9a-f]{40}: does not match the data/,
  },
  'cut short (truncated)': {
    act: (_, image) => truncateSync(image, 100_000),
    says: /does not match the data/,
  },
  "with another image's signature (swapped signatures)": {
    act: async ({ image, sign }, victim) => {
      const other = await image('other.aci', { name: 'example.com/other' });
      sign(other);
      copyFileSync(`${other}.asc`, `${victim}.asc`);
    },
    says: /does not match the data/,
  },
  'signed with SHA-1 (weak digest)': {
    act: ({ gpg, publisher }, image) => {
      const args = ['--digest-algo', 'SHA1', '--weak-digest', 'MD5'];
      writeFileSync(`${image}.asc`, gpg.sign(publisher, readFileSync(image), { args }));
    },
    says: /its hash algorithm sha1 is too weak/,
  },
  'signed tomorrow (future)': {
    act: ({ gpg, publisher }, image) => {
      const date = '20990101T000000';
      writeFileSync(`${image}.asc`, gpg.sign(publisher, readFileSync(image), { date }));
    },
    says: /made in the future, on 2099-01-01/,
  },
  'with a signature that is a bomb (decompression bomb in a signature)': {
    act: ({ gpg }, image) => {
      const bomb = Buffer.alloc(200_000_000);
      const message = gpg.gpg(['--compress-algo', 'zlib', '--store', '-z', '9'], { input: bomb });
      writeFileSync(`${image}.asc`, message);
    },
    says: /^fetch: read signature file .*: /,
  },
  'with something else for a signature': {
    act: (_, image) => writeFileSync(`${image}.asc`, gzipSync('not a signature')),
    says: /^fetch: read signature file .*\.asc: /,
  },
};

for (const [what, { act, says }] of Object.entries(attacks))
  test(`an image ${what} is refused in one sentence, and nothing of it is kept`, async () => {
    using place = await trustPlace();
    const image = await place.image('box.aci');
    place.sign(image);
    await place.trust('example.com/box');
    await act(place, image);
    const { status, stdout, stderr } = await place.tsrkt(['fetch', image]);
    assert.match(stderr, says);
    assert.ok(stderr.split('\n').length <= 3, stderr);
    assert.deepEqual([status, stdout], [254, '']);
    assert.equal((await place.tsrkt(['image', 'list', '--no-legend'])).stdout.trim(), '');
  });

test('a key for example.com/etcd does not vouch for example.com/etcd-evil (sibling prefix)', async () => {
  using place = await trustPlace();
  await place.trust('example.com/etcd');
  const evil = await place.image('evil.aci', { name: 'example.com/etcd-evil' });
  place.sign(evil);
  assert.deepEqual(await place.tsrkt(['fetch', evil]), {
    status: 254,
    stdout: '',
    stderr:
      `fetch: trust ${evil}: signature by key ${place.publisher}: no such key is trusted\n` +
      'hint: if you trust its publisher: tsrkt trust --prefix example.com/etcd-evil\n',
  });
});

test('nothing is decompressed of an image nobody vouches for, not even to learn its name', async () => {
  using place = await trustPlace();
  await place.trust('example.com');
  const bomb = await place.image('bomb.aci');
  writeFileSync(bomb, gzipSync(Buffer.alloc(64 << 20)));
  place.sign(bomb, place.gpg.key('Stranger <stranger@example.com>'));
  assert.match((await place.tsrkt(['fetch', bomb])).stderr, /no such key is trusted/);
  place.sign(bomb);
  assert.match((await place.tsrkt(['fetch', bomb])).stderr, /^fetch: import ".*bomb\.aci": /);
});

test('--signature names the signature of its image; of an image of the store, too', async () => {
  using place = await trustPlace();
  const [a, b] = [await place.image('a.aci'), await place.image('b.aci', { name: 'example.com/b' })];
  await place.trust('example.com');
  for (const image of [a, b]) {
    place.sign(image);
    copyFileSync(`${image}.asc`, `${image}.signature`);
    rmSync(`${image}.asc`);
  }
  const both = await place.tsrkt(['fetch', a, `--signature=${a}.signature`, b, `--signature=${b}.signature`]);
  assert.equal(both.status, 0, both.stderr);
  const id = (
    await place.tsrkt([
      '--insecure-options=image',
      'fetch',
      await place.image('c.aci', { name: 'example.com/c' }),
    ])
  ).stdout.trim();
  place.sign(`${place.path}/c.aci`);
  assert.equal((await place.tsrkt(['fetch', id])).status, 254);
  const signed = await place.tsrkt(['fetch', id, `--signature=${place.path}/c.aci.asc`]);
  assert.deepEqual(signed, { status: 0, stdout: `${id}\n`, stderr: '' });
  assert.equal((await place.tsrkt(['fetch', id])).status, 0);
});

test('a signature file that is not there is an error, not a missing signature', async () => {
  using place = await trustPlace();
  const { status, stderr } = await place.tsrkt([
    'fetch',
    await place.image('box.aci'),
    '--signature=/nowhere.asc',
  ]);
  assert.deepEqual(
    [status, stderr],
    [254, 'fetch: open "/nowhere.asc": ENOENT (no such file or directory)\n'],
  );
});

test('a signature that gpg made of the image as text is refused (text signature)', async () => {
  using place = await trustPlace();
  const key = join(fixtures, 'key-ed25519.asc');
  await place.tsrkt(['trust', '--prefix=example.com', '--skip-fingerprint-review', key]);
  const image = join(place.path, 'hello.aci');
  writeFileSync(image, 'anything: the type of a signature is seen before the image');
  copyFileSync(join(fixtures, 'hello.textmode.asc'), `${image}.asc`);
  assert.match(
    (await place.tsrkt(['fetch', image])).stderr,
    /^fetch: trust .*: signature by key \w+: of type 0x01, and only 0x00 \(binary\) signs bytes as they are\n$/,
  );
});

test('several signatures of several keys: as many as the policy asks for', async () => {
  using place = await trustPlace();
  const second = place.gpg.key('Second <second@example.com>');
  await place.trust('example.com');
  await place.trust('example.com', second);
  place.policy({ prefixes: { 'example.com': { signedBy: 'keystore', threshold: 2 } } });
  const image = await place.image('box.aci');
  place.sign(image);
  const first = readFileSync(`${image}.asc`);
  assert.match((await place.tsrkt(['fetch', image])).stderr, /trust .*: 1 of 2 required keys signed it\n$/);
  place.sign(image, second);
  writeFileSync(`${image}.asc`, Buffer.concat([first, readFileSync(`${image}.asc`)]));
  assert.equal((await place.tsrkt(['fetch', image])).status, 0);
});
