import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeImage } from '../../image/describe.ts';
import type { FetchOptions } from '../../image/fetch/options.ts';
import { fetchImage } from '../../image/fetch.ts';
import { blobFile, temporaryDirectory } from '../../image/store/layout.ts';
import { listImages } from '../../image/store/lookup.ts';
import { imageTree } from '../../image/store/tree.ts';
import type { Trust } from '../../trust/evaluate.ts';
import { revokeKey } from '../../trust/keystore/write.ts';
import { writeTestAci } from '../unit/image/test-aci.ts';
import { type FetchPlace, fetchPlace } from './fetch-place.ts';

const fetch = ({ store, options }: FetchPlace, reference: string, changes: Partial<FetchOptions> = {}) =>
  fetchImage(store, { reference }, options(changes));

/** Of an image for this machine, so that a name means it. */
const labelled = (version: string) => ({
  more: {
    labels: [
      { name: 'version', value: version },
      { name: 'os', value: 'linux' },
      { name: 'arch', value: 'amd64' },
    ],
  },
});

test('fetchImage() verifies a file, and keeps with the image why it was let in', async () => {
  using place = await fetchPlace();
  const image = await fetch(place, await place.signedAci('a.aci'));
  assert.deepEqual([image.decision.mode, image.decision.name], ['verified', 'example.com/test']);
  assert.equal(image.record.verification.status, 'verified');
  assert.deepEqual(
    image.decision.signatures.map(({ key }) => key?.fingerprint),
    [place.publisher],
  );
  assert.deepEqual(place.told, []);
});

/** Calls `act` whenever the trust of the machine is asked for: while an import is under way. */
function whileTrusting({ home }: FetchPlace, act: (time: number) => void): () => Trust {
  let time = 0;
  return () => {
    act(time++);
    return home.trust();
  };
}

test('fetchImage() takes the bytes it verified, whatever becomes of the file meanwhile (TOCTOU)', async () => {
  using place = await fetchPlace();
  const file = await place.signedAci('a.aci');
  const evil = join(place.path, 'evil.aci');
  await writeTestAci(evil, { version: 'evil' });
  const trust = whileTrusting(place, (time) => {
    if (time > 0) writeFileSync(file, readFileSync(evil));
  });
  const image = await fetch(place, file, { trust });
  assert.equal(image.manifest.labels?.[0]?.value, '1');
  await assert.rejects(fetch(place, file), { code: 'ERR_SIGNATURE_MISMATCH' });
});

test('fetchImage() verifies the bytes it takes, whatever the file was before (TOCTOU)', async () => {
  using place = await fetchPlace();
  const file = await place.signedAci('a.aci');
  const evil = join(place.path, 'evil.aci');
  await writeTestAci(evil, { version: 'evil' });
  const trust = whileTrusting(place, () => writeFileSync(file, readFileSync(evil)));
  await assert.rejects(fetch(place, file, { trust }), { code: 'ERR_SIGNATURE_MISMATCH' });
  assert.deepEqual(readdirSync(temporaryDirectory(place.store)), []);
});

test('imageTree() refuses to unpack a file of the store that was changed after it was verified (TOCTOU)', async () => {
  using place = await fetchPlace();
  const image = await fetch(place, await place.signedAci('a.aci'));
  const evil = join(place.path, 'evil.aci');
  await writeTestAci(evil, { version: 'evil' });
  writeFileSync(blobFile(place.store, image.record.blob), readFileSync(evil));
  const { path } = await imageTree(place.store, image.id);
  rmSync(join(path, '..'), { recursive: true });
  await assert.rejects(
    imageTree(place.store, image.id),
    /the stored file is damaged: its image ID is sha512-/,
  );
});

test('describeImage() does not describe other bytes than it verified (TOCTOU)', async () => {
  using place = await fetchPlace();
  const file = await place.signedAci('a.aci');
  const evil = join(place.path, 'evil.aci');
  await writeTestAci(evil, { version: 'evil' });
  const trust = whileTrusting(place, (time) => {
    if (time > 0) writeFileSync(file, readFileSync(evil));
  });
  const described = describeImage(place.store, { reference: file }, place.options({ trust }));
  await assert.rejects(described, /it changed while it was being read/);
  assert.deepEqual(listImages(place.store).images, []);
});

test('a signature seen while its key was good stays good when the same image comes again (receipt)', async () => {
  using place = await fetchPlace();
  const file = await place.signedAci('a.aci');
  const [first] = (await fetch(place, file)).decision.signatures;
  const [again] = (await fetch(place, file)).decision.signatures;
  assert.deepEqual(again?.evidence.firstSeen, first?.evidence.firstSeen);
});

test('an image that was verified stays so when it comes again with signatures off', async () => {
  using place = await fetchPlace();
  const file = await place.signedAci('a.aci', labelled('1'));
  await fetch(place, file);
  const loose = await fetch(place, file, { insecureImage: true });
  assert.equal(loose.decision.mode, 'unverified');
  assert.match(String(place.told), /^warning: image ".*a\.aci" is let through unverified: /);
  assert.equal((await fetch(place, 'example.com/test')).decision.mode, 'verified');
});

test('a name means the newest of the images that are trusted today, not a newer one that nobody signed', async () => {
  using place = await fetchPlace();
  await fetch(place, await place.signedAci('a.aci', labelled('1')));
  const unsigned = join(place.path, 'b.aci');
  await writeTestAci(unsigned, labelled('2'));
  await fetch(place, unsigned, { insecureImage: true });
  const { manifest } = await fetch(place, 'example.com/test');
  assert.equal(manifest.labels?.[0]?.value, '1');
  await assert.rejects(fetch(place, 'example.com/test:2'), { code: 'ERR_NOT_SIGNED' });
});

test('with --insecure-options=image neither signature nor keys nor policy are looked at', async () => {
  using place = await fetchPlace();
  const file = await place.signedAci('a.aci');
  writeFileSync(`${file}.asc`, 'no signature');
  const trust = () => {
    throw new Error('asked for keys');
  };
  const { decision } = await fetch(place, file, { insecureImage: true, trust });
  assert.deepEqual(decision.signatures, []);
});

test('a stored image whose record was tampered with is refused', async () => {
  using place = await fetchPlace();
  const good = await fetch(place, await place.signedAci('a.aci', labelled('1')));
  const unsigned = join(place.path, 'b.aci');
  await writeTestAci(unsigned, labelled('2'));
  const evil = await fetch(place, unsigned, { insecureImage: true });
  const file = (id: string) => join(place.store.path, 'image', id, 'record.json');
  const record = JSON.parse(readFileSync(file(evil.id), 'utf8'));
  record.verification = JSON.parse(readFileSync(file(good.id), 'utf8')).verification;
  writeFileSync(file(evil.id), JSON.stringify(record));
  await assert.rejects(fetch(place, evil.id), { code: 'ERR_BAD_RECORD' });
});

test('what is refused today is refused by every way to name it', async () => {
  using place = await fetchPlace();
  const file = await place.signedAci('a.aci', labelled('1'));
  const { id } = await fetch(place, file);
  revokeKey(place.home.store, place.publisher);
  for (const reference of [file, id, 'example.com/test', 'example.com/test:1'])
    await assert.rejects(fetch(place, reference), { code: 'ERR_KEY_REVOKED' });
});

const absent: readonly [string, Partial<FetchOptions>, RegExp][] = [
  [
    'example.com/none',
    { pullPolicy: 'never' },
    /^unable to fetch image from "example\.com\/none": not in the store/,
  ],
  [
    'https://localhost:1/none.aci',
    { pullPolicy: 'never' },
    /^unable to fetch image from "https:\/\/localhost:1\/none\.aci": /,
  ],
  ['sha512-00', {}, /^image sha512-00: not in the store$/],
  ['/nowhere.aci', {}, /^import "\/nowhere\.aci": access: ENOENT/],
  ['docker://busybox', { pullPolicy: 'never' }, /^unable to fetch image from "docker:\/\/busybox": /],
];

for (const [reference, changes, message] of absent)
  test(`fetchImage() of ${reference} says that it is not there`, async () => {
    using place = await fetchPlace();
    await assert.rejects(fetch(place, reference, changes), (error: Error) => message.test(error.message));
  });

test('credentials in a URL are neither told nor kept', async () => {
  using place = await fetchPlace();
  const reference = 'https://user:secret@localhost:1/a.aci?token=secret';
  await assert.rejects(fetch(place, reference), (error: Error) => !error.message.includes('secret'));
});
