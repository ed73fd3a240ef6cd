import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { listImages } from '../../image/store/lookup.ts';
import { removeLayers } from '../../image/store/oci/remove.ts';
import { removeImage } from '../../image/store/remove.ts';
import { imageRootfs } from '../../image/store/rootfs.ts';
import { answer, redirect, status, truncate } from '../registry/faults.ts';
import { rejectsWith } from '../registry/pulling.ts';
import type { Fault } from '../registry/registry.ts';
import { digestOf, document, type SampleImage, sampleImage } from '../registry/sample-image.ts';
import type { Member } from '../registry/tar.ts';
import { type RegistryPlace, registryPlace } from './registry-place.ts';

const base: readonly Member[] = [
  { name: 'etc/', type: '5', mode: 0o755 },
  { name: 'etc/passwd', content: 'root:x:0:0::/:/bin/sh\n' },
  { name: 'gone', content: 'gone' },
];
const image = sampleImage([base, [{ name: 'b', content: 'b' }, { name: '.wh.gone' }]], {
  Entrypoint: ['/b'],
  Cmd: ['c'],
  Env: ['A=1'],
  User: 'root',
});
const sibling = sampleImage([base, [{ name: 'c', content: 'c' }]]);
const [lowest = '', uppermost = ''] = image.layers;

const blobUrl = (digest: string) => new RegExp(`^GET .*/blobs/${digest}`);

async function withImage(): Promise<RegistryPlace> {
  const all = await registryPlace();
  all.registry.add('app', 'v1', image);
  return all;
}

/** Nothing that failed can be seen, or was left where it would stay. */
function assertNothing({ place: { store } }: RegistryPlace): void {
  assert.deepEqual(listImages(store).images, []);
  assert.deepEqual(readdirSync(join(store.path, 'tmp')), []);
  assert.deepEqual(readdirSync(join(store.path, 'layer')), []);
}

test('an image becomes an app, and layers to be laid over each other', async () => {
  await using all = await withImage();
  const { id, manifest, record } = await all.fetch('app:v1');
  assert.equal(id, image.digest.replace(':', '-'));
  assert.equal(record.name, `${all.registry.host.replace(':', '_')}/app`);
  assert.deepEqual(manifest.app?.exec, ['/b', 'c']);
  assert.deepEqual(manifest.app?.environment, [{ name: 'A', value: '1' }]);
  const { lowers, parts } = await imageRootfs(all.place.store, id);
  assert.equal(lowers.length, 2);
  assert.match(parts.join(' '), /^diff-sha256-\w{64} diff-sha256-\w{64}$/);
  assert.equal(readFileSync(join(lowers[0]!, 'b'), 'utf8'), 'b');
});

test('an image that shares a layer asks for the other one alone, and nothing is asked for twice', async () => {
  await using all = await withImage();
  await all.fetch('app:v1');
  assert.equal(all.blobsAskedFor().length, 3);
  await all.fetch('app:v1');
  assert.deepEqual(all.blobsAskedFor(), []);
  all.registry.add('app', 'v2', sibling);
  await all.fetch('app:v2');
  assert.deepEqual(
    all.blobsAskedFor().filter((url) => url.endsWith(lowest)),
    [],
  );
  assert.equal(readdirSync(join(all.place.store.path, 'layer')).length, 3);
});

test('two who fetch one image at once download it once', async () => {
  await using all = await withImage();
  const both = await Promise.all([all.fetch('app:v1'), all.fetch('app:v1')]);
  assert.equal(both[0].id, both[1].id);
  assert.equal(all.blobsAskedFor().length, 3);
});

test('two images with a layer in common, fetched at once, download it once', async () => {
  await using all = await withImage();
  all.registry.add('app', 'v2', sibling);
  await Promise.all([all.fetch('app:v1'), all.fetch('app:v2')]);
  assert.equal(all.blobsAskedFor().filter((url) => url.endsWith(lowest)).length, 1);
});

test('a download that broke is gone on with by the next attempt', async () => {
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 251));
  const large = sampleImage([[{ name: 'large', content }]]);
  const [digest = ''] = large.layers;
  const bytes = large.blobs.get(large.layers[0]!)!;
  await using all = await registryPlace();
  all.registry.add('app', 'v1', large);
  all.registry.misbehave(blobUrl(digest), truncate(bytes.length, bytes.subarray(0, 500)), 1);
  all.registry.misbehave(blobUrl(digest), status(404), 1);
  await assert.rejects(all.fetch('app:v1'));
  assertNothing(all);
  all.registry.seen.length = 0;
  await all.fetch('app:v1');
  const asked = all.registry.seen.find(({ url }) => url.endsWith(digest));
  assert.equal(asked?.headers['range'], 'bytes=500-');
  assert.deepEqual(readdirSync(join(all.place.store.path, 'partial')), []);
});

test('what an earlier attempt left is not believed', async () => {
  await using all = await withImage();
  const bytes = image.blobs.get(image.layers[0]!)!;
  all.registry.misbehave(blobUrl(lowest), truncate(bytes.length, Buffer.alloc(20, 'x')), 1);
  all.registry.misbehave(blobUrl(lowest), status(404), 1);
  await assert.rejects(all.fetch('app:v1'));
  assert.equal((await all.fetch('app:v1')).record.oci?.layers.length, 2);
});

const bomb = gzipSync(Buffer.alloc(300 << 20));

const faults: Readonly<Record<string, readonly [Fault, string]>> = {
  'other bytes': [answer(Buffer.alloc(image.blobs.get(image.layers[1]!)!.length)), 'ERR_DIGEST_MISMATCH'],
  'fewer bytes': [answer(Buffer.alloc(3)), 'ERR_SIZE_MISMATCH'],
  'more bytes': [answer(Buffer.alloc(100_000)), 'ERR_HTTP_TOO_LARGE'],
  'a page that says no': [status(404), 'ERR_HTTP_STATUS'],
  'a redirect to http': [redirect('http://localhost:1/x'), 'ERR_HTTP_REDIRECT'],
};

for (const [what, [fault, code]] of Object.entries(faults))
  test(`a registry that serves ${what} for a layer is refused, and nothing of the image is seen`, async () => {
    await using all = await withImage();
    all.registry.misbehave(blobUrl(uppermost), fault);
    await rejectsWith(all.fetch('app:v1'), code);
    assertNothing(all);
  });

/** An image whose one layer is these bytes, whatever its configuration says of them. */
function imageOf(blob: Buffer): SampleImage {
  const made = sampleImage([[{ name: 'x', content: 'x' }]]);
  const digest = digestOf(blob);
  const value = JSON.parse(made.bytes.toString());
  const layers = value.layers.map((layer: object) => ({ ...layer, digest, size: blob.length }));
  const blobs = new Map([...made.blobs, [digest, blob] as const]);
  return { ...document(made.mediaType, { ...value, layers }), blobs, layers: [digest] };
}

test('a layer whose content is not what the configuration says is refused', async () => {
  await using all = await registryPlace();
  all.registry.add('app', 'v1', imageOf(gzipSync(Buffer.alloc(1024))));
  await rejectsWith(all.fetch('app:v1'), 'ERR_DIGEST_MISMATCH');
  assertNothing(all);
});

test('a layer that is a bomb ends early', async () => {
  await using all = await registryPlace();
  all.registry.add('app', 'v1', imageOf(bomb));
  await assert.rejects(all.fetch('app:v1'));
  assertNothing(all);
});

test('a tag that moved means the image it was last fetched as', async () => {
  await using all = await withImage();
  const first = await all.fetch('app:v1');
  all.registry.add('app', 'v1', sibling);
  const second = await all.fetch('app:v1');
  assert.notEqual(first.id, second.id);
  const stored = await all.fetch('app:v1', { pullPolicy: 'never' });
  assert.equal(stored.id, second.id);
  await rejectsWith(all.fetch('app:v0', { pullPolicy: 'never' }), 'ERR_NOT_FOUND');
});

test('layers and blobs go when the last image that has them went', async () => {
  await using all = await withImage();
  const { store } = all.place;
  const first = await all.fetch('app:v1');
  all.registry.add('app', 'v2', sibling);
  const second = await all.fetch('app:v2');
  removeImage(store, first.id);
  assert.equal(removeLayers(store, new Set()).length, 1);
  assert.equal(existsSync((await imageRootfs(store, second.id)).lowers[0]!), true);
  removeImage(store, second.id);
  assert.equal(removeLayers(store, new Set()).length, 2);
  const blobs = readdirSync(join(store.path, 'blob'), { recursive: true, withFileTypes: true });
  assert.deepEqual(
    blobs.filter((entry) => entry.isFile()),
    [],
  );
});

test('a layer that was removed is unpacked again from its blob', async () => {
  await using all = await withImage();
  const { id, record } = await all.fetch('app:v1');
  const { store } = all.place;
  rmSync(join(store.path, 'layer'), { recursive: true });
  mkdirSync(join(store.path, 'layer'));
  const { lowers } = await imageRootfs(store, id);
  assert.equal(lowers.length, record.oci?.layers.length);
  assert.ok(lowers.every((path) => existsSync(path)));
});
