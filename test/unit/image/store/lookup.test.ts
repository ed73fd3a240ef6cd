import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readImage } from '../../../../image/store/image.ts';
import { imageDirectory } from '../../../../image/store/layout.ts';
import { findImageId, findImagesByName, listImages, touchImage } from '../../../../image/store/lookup.ts';
import { removeImage } from '../../../../image/store/remove.ts';
import { imageId, imageIdPrefix } from '../../../../schema/image-id.ts';
import type { Labels } from '../../../../schema/label.ts';
import { writeTestAci } from '../test-aci.ts';
import { importFile, makeStore, storeFiles } from './store-place.ts';

const fixture = join(import.meta.dirname, '../../../fixtures/hello-0.0.1-linux-amd64.aci');
test('findImageId() takes a prefix that one image has', async () => {
  using place = makeStore();
  const { id } = await importFile(place.store, fixture);
  assert.equal(findImageId(place.store, imageIdPrefix('sha512-60f6')), id);
  assert.throws(() => findImageId(place.store, imageIdPrefix('sha512-00')), {
    code: 'ERR_IMAGE_NOT_FOUND',
  });
  mkdirSync(imageDirectory(place.store, imageId(`sha512-60f6${'0'.repeat(124)}`)));
  assert.throws(() => findImageId(place.store, imageIdPrefix('sha512-60f6')), {
    code: 'ERR_IMAGE_AMBIGUOUS',
  });
});

test('findImagesByName() puts first the image imported last that has the labels', async () => {
  using place = makeStore();
  const path = join(place.directory, 'a.aci');
  const ids: string[] = [];
  for (const version of ['1', '2', '3']) {
    ids.push(await writeTestAci(path, { version }));
    await importFile(place.store, path);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const find = (name: string, ...labels: Labels) => findImagesByName(place.store, name, labels)[0]?.id;
  const version = (value: string) => ({ name: 'version', value }) as unknown as Labels[number];
  assert.equal(find('example.com/test'), ids[2]);
  assert.equal(find('example.com/test', version('2')), ids[1]);
  assert.equal(find('example.com/test', version('4')), undefined);
  assert.equal(find('example.com/tes'), undefined);
});

test('listImages() tells broken images apart, and removeImage() removes them', async () => {
  using place = makeStore();
  const { id } = await importFile(place.store, fixture);
  writeFileSync(join(imageDirectory(place.store, id), 'record.json'), '{"blob":');
  const { images, broken } = listImages(place.store);
  assert.deepEqual([images, broken.map((each) => each.id)], [[], [id]]);
  assert.ok(removeImage(place.store, id));
  assert.deepEqual(listImages(place.store), { images: [], broken: [] });
  assert.deepEqual(storeFiles(place.store), []);
  assert.equal(removeImage(place.store, id), false);
});

test('touchImage() notes the time of use', async () => {
  using place = makeStore();
  const { id, lastUsed } = await importFile(place.store, fixture);
  await new Promise((resolve) => setTimeout(resolve, 5));
  touchImage(place.store, id);
  assert.ok(readImage(place.store, id).lastUsed > lastUsed);
});
