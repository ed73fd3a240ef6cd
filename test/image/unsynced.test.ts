import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { blobFile, type Store } from '../../image/store/layout.ts';
import { listImageIds } from '../../image/store/lookup.ts';
import { imageRootfs } from '../../image/store/rootfs.ts';
import { syncStore } from '../../image/store/unsynced.ts';
import { openStore } from '../../image/store.ts';
import { sampleImage } from '../registry/sample-image.ts';
import { type RegistryPlace, registryPlace } from './registry-place.ts';

const image = sampleImage();

async function withImage(): Promise<RegistryPlace> {
  const all = await registryPlace();
  all.registry.add('app', 'v1', image);
  await all.fetch('app:v1');
  return all;
}

const inStore = ({ path }: Store, directory: string) => readdirSync(join(path, directory));

/** As if the machine had been started again since. */
function restart({ place: { store } }: RegistryPlace): Store {
  for (const name of inStore(store, 'unsynced')) {
    const path = join(store.path, 'unsynced', name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"boot":"[^"]*"/, '"boot":"another"'));
  }
  return openStore(dirname(store.path));
}

test('what was imported is not waited for, and marked until somebody makes sure of it', async () => {
  await using all = await withImage();
  const { store } = all.place;
  assert.equal(inStore(store, 'unsynced').length, 1);
  openStore(dirname(store.path));
  assert.equal(inStore(store, 'layer').length, 1);
  syncStore(store);
  assert.deepEqual(inStore(store, 'unsynced'), []);
});

test('openStore() after a restart keeps images whose blobs arrived on the disk, and unpacks their layers again', async () => {
  await using all = await withImage();
  const store = restart(all);
  assert.deepEqual([inStore(store, 'unsynced'), inStore(store, 'layer')], [[], []]);
  const [id] = listImageIds(store);
  assert.equal((await imageRootfs(store, id!)).lowers.length, 1);
  assert.equal(inStore(store, 'layer').length, 1);
});

test('openStore() after a restart removes images with a blob that did not arrive, or a record', async () => {
  await using all = await withImage();
  truncateSync(blobFile(all.place.store, image.layers[0]!), 3);
  assert.deepEqual(listImageIds(restart(all)), []);
  await all.fetch('app:v1');
  const [id] = listImageIds(all.place.store);
  truncateSync(join(all.place.store.path, 'image', id!, 'record.json'), 0);
  assert.deepEqual(listImageIds(restart(all)), []);
  assert.equal((await all.fetch('app:v1')).id, id);
});
