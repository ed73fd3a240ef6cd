import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stageBlob } from '../../../image/store/blob.ts';
import { readImage } from '../../../image/store/image.ts';
import { blobFile, imageDirectory, temporaryDirectory, treesDirectory } from '../../../image/store/layout.ts';
import { removeImage, sweepBlobs } from '../../../image/store/remove.ts';
import { sweepTemporary } from '../../../image/store/temporary.ts';
import { imageTree, removeTrees } from '../../../image/store/tree.ts';
import { importAci } from '../../../image/store.ts';
import { imageId } from '../../../schema/image-id.ts';
import { blobHasher } from '../../../trust/openpgp/blob-hasher.ts';
import { importFile, makeStore, storeFiles, unverified } from './store/store-place.ts';
import { writeTestAci } from './test-aci.ts';

const fixture = join(import.meta.dirname, '../../fixtures/hello-0.0.1-linux-amd64.aci');
const verified = { status: 'verified', keys: ['0123'] } as const;

test('importAci() gives an image of other tools the ID they gave it, and a tree', async () => {
  using place = makeStore();
  const image = await importFile(place.store, fixture);
  assert.match(image.id, /^sha512-60f664472010fa07/);
  assert.equal(image.record.name, 'example.com/hello');
  assert.equal(image.record.compression, 'gzip');
  assert.ok(readFileSync(blobFile(place.store, image.record.blob)).equals(readFileSync(fixture)));
  const tree = await imageTree(place.store, image.id);
  assert.deepEqual(readdirSync(tree.path), ['bin']);
  assert.deepEqual(readdirSync(temporaryDirectory(place.store)), []);
});

test('importAci() keeps one copy of what comes twice', async () => {
  using place = makeStore();
  const first = await importFile(place.store, fixture);
  const files = storeFiles(place.store);
  const second = await importFile(place.store, fixture);
  assert.deepEqual(second.record, first.record);
  assert.deepEqual(storeFiles(place.store), files);
  assert.equal(files.length, 3);
});

test('importAci() keeps one copy of what comes again with another compression', async () => {
  using place = makeStore();
  const [gzip, xz] = [join(place.directory, 'a.aci'), join(place.directory, 'b.aci')];
  const id = await writeTestAci(gzip);
  assert.equal(await writeTestAci(xz, { compression: 'xz' }), id);
  const first = await importFile(place.store, gzip);
  const second = await importFile(place.store, xz);
  assert.equal(second.id, id);
  assert.deepEqual(second.record, { ...first.record, source: xz });
  assert.equal(storeFiles(place.store).length, 3);
});

test('importAci() lets a verified file take the place of one that was not, and never the other way round', async () => {
  using place = makeStore();
  const [gzip, xz] = [join(place.directory, 'a.aci'), join(place.directory, 'b.aci')];
  await writeTestAci(gzip);
  await writeTestAci(xz, { compression: 'xz' });
  await importFile(place.store, gzip);
  const good = await importFile(place.store, xz, verified);
  assert.deepEqual([good.record.verification, good.record.compression], [verified, 'xz']);
  assert.equal(storeFiles(place.store).length, 3);
  for (const again of [gzip, xz])
    assert.deepEqual((await importFile(place.store, again)).record, good.record);
  const same = await importFile(place.store, xz, { ...verified, keys: ['4567'] });
  assert.deepEqual(same.record.verification['keys'], ['4567']);
});

test('importAci() shows the caller digest and size before it looks into the bytes', async () => {
  using place = makeStore();
  const path = join(place.directory, 'not-an.aci');
  writeFileSync(path, 'not an image');
  const refusal = importAci(place.store, {
    name: path,
    source: { path },
    decide: ({ digest, size }) => {
      assert.equal(size, 12);
      assert.equal(digest, `sha512:${createHash('sha512').update('not an image').digest('hex')}`);
      throw new Error('not signed');
    },
  });
  await assert.rejects(refusal, /^Error: not signed/);
  assert.deepEqual(storeFiles(place.store), []);
  assert.deepEqual(readdirSync(temporaryDirectory(place.store)), []);
});

test('stageBlob() takes a stream, and passes its bytes through the hasher on the way', async () => {
  using place = makeStore();
  const hasher = blobHasher(['sha512', 'sha256']);
  using staged = await stageBlob(place.store, { chunks: createReadStream(fixture) }, hasher);
  const bytes = readFileSync(fixture);
  assert.deepEqual(hasher.digest('sha256'), createHash('sha256').update(bytes).digest());
  assert.ok(readFileSync(staged.path).equals(bytes));
});

test('stageBlob() keeps the bytes it hashed when the file changes afterwards', async () => {
  using place = makeStore();
  const path = join(place.directory, 'a.aci');
  const id = await writeTestAci(path);
  const image = await importAci(place.store, {
    name: path,
    source: { path },
    decide: () => {
      writeFileSync(path, 'something else');
      return { source: path, verify: () => unverified };
    },
  });
  assert.equal(image.id, id);
});

const refused: Readonly<Record<string, readonly [(path: string) => unknown, RegExp]>> = {
  'a file that is not there': [(path) => rmSync(path), /open: ENOENT \(No such file or directory\)$/],
  'a directory': [replaceByDirectory, /not a regular file$/],
  'a text file': [(path) => writeFileSync(path, 'x'.repeat(2000)), /wrong checksum, or not a tar archive$/],
  'an empty file': [(path) => writeFileSync(path, ''), /archive: ends too early$/],
  'a file cut short': [
    (path) => writeFileSync(path, readFileSync(path).subarray(0, -20)),
    /gzip data: ends too early$/,
  ],
  'a file with something after it': [
    (path) => appendFileSync(path, 'something'),
    /gzip data: (followed by something else|damaged.*)$/,
  ],
  'a manifest that is wrong': [
    (path) => writeTestAci(path, { more: { app: { exec: 7 } } }),
    /image manifest: app\.exec: expected an array, got 7$/,
  ],
};

for (const [what, [spoil, message]] of Object.entries(refused))
  test(`importAci() refuses ${what} in one sentence, and leaves nothing`, async () => {
    using place = makeStore();
    const path = join(place.directory, 'bad.aci');
    await writeTestAci(path);
    await spoil(path);
    await assert.rejects(importFile(place.store, path), (error: NodeJS.ErrnoException) => {
      assert.match(error.message, message);
      assert.match(error.message, /^import ".*bad\.aci": /);
      return typeof error.code === 'string';
    });
    assert.deepEqual([storeFiles(place.store), readdirSync(temporaryDirectory(place.store))], [[], []]);
    assert.deepEqual(readdirSync(treesDirectory(place.store)), []);
  });

test('importAci() refuses an image with another ID than expected', async () => {
  using place = makeStore();
  const expectedId = imageId(`sha512-${'0'.repeat(128)}`);
  const decide = () => ({ source: 'hello', verify: () => unverified, expectedId });
  const first = importAci(place.store, { name: 'hello', source: { path: fixture }, decide });
  await assert.rejects(first, { code: 'ERR_IMAGE_ID' });
  await importFile(place.store, fixture);
  const known = importAci(place.store, { name: 'hello', source: { path: fixture }, decide });
  await assert.rejects(known, { code: 'ERR_IMAGE_ID' });
});

test('importAci() of the same file several times at once in one process gives one image', async () => {
  using place = makeStore();
  const images = await Promise.all([1, 2, 3].map(() => importFile(place.store, fixture)));
  assert.equal(new Set(images.map(({ id }) => id)).size, 1);
  assert.equal(storeFiles(place.store).length, 3);
  assert.deepEqual(readdirSync(temporaryDirectory(place.store)), []);
});

test('importAci() repairs a broken image, and one whose file is gone', async () => {
  using place = makeStore();
  const { id, record } = await importFile(place.store, fixture);
  const spoils = [
    () => writeFileSync(join(imageDirectory(place.store, id), 'manifest'), 'x'),
    () => rmSync(join(imageDirectory(place.store, id), 'record.json')),
    () => rmSync(blobFile(place.store, record.blob)),
    () => rmSync(treesDirectory(place.store), { recursive: true }),
  ];
  for (const spoil of spoils) {
    spoil();
    mkdirSync(treesDirectory(place.store), { recursive: true });
    await importFile(place.store, fixture);
    assert.equal(readImage(place.store, id).record.blob, record.blob);
    assert.ok(existsSync((await imageTree(place.store, id)).path));
  }
});

test('imageTree() makes a missing tree again, also when several ask at once', async () => {
  using place = makeStore();
  const { id } = await importFile(place.store, fixture);
  assert.equal(removeTrees(place.store, new Set()).length, 1);
  const trees = await Promise.all([1, 2, 3].map(() => imageTree(place.store, id)));
  for (const tree of trees) assert.deepEqual(readdirSync(tree.path), ['bin']);
  assert.deepEqual(readdirSync(temporaryDirectory(place.store)), []);
});

test('imageTree() refuses to make a tree of a stored file that changed', async () => {
  using place = makeStore();
  const path = join(place.directory, 'a.aci');
  await writeTestAci(path, { compression: 'none' });
  const { id, record } = await importFile(place.store, path);
  removeTrees(place.store, new Set());
  const blob = readFileSync(blobFile(place.store, record.blob));
  blob.write('root:x:9', blob.indexOf('root:x:0'));
  writeFileSync(blobFile(place.store, record.blob), blob);
  await assert.rejects(imageTree(place.store, id), /the stored file is damaged/);
  assert.deepEqual(readdirSync(treesDirectory(place.store)), []);
});

test('removeTrees() keeps the trees in use', async () => {
  using place = makeStore();
  const { id } = await importFile(place.store, fixture);
  const { treeId, path } = await imageTree(place.store, id);
  mkdirSync(join(treesDirectory(place.store), 'junk'));
  assert.deepEqual(removeTrees(place.store, new Set([treeId])), ['junk']);
  assert.ok(existsSync(path));
});

test('removeImage() leaves the tree to the pods that use it', async () => {
  using place = makeStore();
  const { id } = await importFile(place.store, fixture);
  const { path } = await imageTree(place.store, id);
  removeImage(place.store, id);
  assert.ok(existsSync(path));
});

test('sweepBlobs() removes files that no image has', async () => {
  using place = makeStore();
  const { id, record } = await importFile(place.store, fixture);
  const directory = join(place.store.path, 'blob/sha512/ab');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `ab${'0'.repeat(126)}`), 'x');
  assert.equal(sweepBlobs(place.store), 1);
  assert.ok(existsSync(blobFile(place.store, record.blob)));
  assert.equal(readImage(place.store, id).id, id);
});

test('sweepTemporary() removes what nobody holds, and nothing else', async () => {
  using place = makeStore();
  mkdirSync(join(temporaryDirectory(place.store), 'blob-left/tree'), { recursive: true });
  using staged = await stageBlob(place.store, { path: fixture });
  assert.deepEqual(sweepTemporary(place.store), ['blob-left']);
  assert.ok(existsSync(staged.path));
});

function replaceByDirectory(path: string): void {
  rmSync(path);
  mkdirSync(path);
}
