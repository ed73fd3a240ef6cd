import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FetchOptions } from '../../image/fetch/options.ts';
import { fetchImage } from '../../image/fetch.ts';
import { imageRootfs } from '../../image/store/rootfs.ts';
import { imageIdPrefix } from '../../schema/image-id.ts';
import { rejectsWith } from '../registry/pulling.ts';
import { entry } from '../unit/image/tar-blocks.ts';
import { type TestAci, writeTestAci } from '../unit/image/test-aci.ts';
import { type FetchPlace, fetchPlace } from './fetch-place.ts';

interface DependencyPlace extends Disposable {
  readonly place: FetchPlace;
  /** Writes an ACI `example.com/NAME` with these files, fetches it, and gives its ID. */
  add(name: string, files: Readonly<Record<string, string>>, more?: object): Promise<string>;
  fetch(name: string, changes?: Partial<FetchOptions>): ReturnType<typeof fetchImage>;
}

async function dependencyPlace(): Promise<DependencyPlace> {
  const place = await fetchPlace();
  const options = (changes: Partial<FetchOptions> = {}) => place.options({ insecureImage: true, ...changes });
  return {
    place,
    async add(name, files, more = {}) {
      const file = join(place.path, `${name}.aci`);
      await writeTestAci(file, aci(name, files, more));
      return (await fetchImage(place.store, { reference: file }, options())).id;
    },
    fetch: (name, changes) =>
      fetchImage(place.store, { reference: join(place.path, `${name}.aci`) }, options(changes)),
    [Symbol.dispose]: () => place[Symbol.dispose](),
  };
}

function aci(name: string, files: Readonly<Record<string, string>>, more: object): TestAci {
  const entries = Object.entries(files).map(([path, content]) =>
    path.endsWith('/')
      ? entry({ name: `rootfs/${path}`, type: '5', mode: 0o755 })
      : entry({ name: `rootfs/${path}` }, content),
  );
  return { name: `example.com/${name}`, files: entries, more };
}

const on = (...names: readonly string[]) => ({
  dependencies: names.map((imageName) => ({ imageName: `example.com/${imageName}` })),
});

async function files({ place }: DependencyPlace, id: string): Promise<Record<string, string>> {
  const { lowers } = await imageRootfs(place.store, id as Parameters<typeof imageRootfs>[1]);
  const [root = ''] = lowers;
  const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const paths = names.map((each) => join(each.parentPath, each.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]));
}

test('an image lies above what it depends on, the later dependency above the earlier', async () => {
  using all = await dependencyPlace();
  await all.add('base', { a: 'base', b: 'base', c: 'base', d: 'base' });
  await all.add('first', { a: 'first', b: 'first', c: 'first' }, on('base'));
  await all.add('second', { a: 'second', b: 'second' });
  const id = await all.add('top', { a: 'top' }, on('first', 'second'));
  assert.deepEqual(await files(all, id), { a: 'top', b: 'second', c: 'first', d: 'base' });
});

test('a whitelist is for the image and for all below it', async () => {
  using all = await dependencyPlace();
  await all.add('base', { a: 'base', b: 'base', 'dir/x': 'base' });
  const id = await all.add(
    'top',
    { c: 'top', d: 'top' },
    { ...on('base'), pathWhitelist: ['/a', '/c', '/dir/x'] },
  );
  assert.deepEqual(await files(all, id), { a: 'base', c: 'top', 'dir/x': 'base' });
});

test('two images with the same dependencies, and the same image twice, are rendered once', async () => {
  using all = await dependencyPlace();
  await all.add('base', { a: 'base' });
  const id = await all.add('top', { b: 'top' }, on('base'));
  await files(all, id);
  const before = readdirSync(join(all.place.store.path, 'tree'));
  await all.fetch('top');
  await files(all, id);
  assert.deepEqual(readdirSync(join(all.place.store.path, 'tree')), before);
});

test('a dependency is found by its image ID, whatever else has its name', async () => {
  using all = await dependencyPlace();
  const wanted = await all.add('base', { a: 'old' });
  await all.add('base', { a: 'new' });
  const by = { dependencies: [{ imageName: 'example.com/base', imageID: wanted }] };
  assert.deepEqual(await files(all, await all.add('top', {}, by)), { a: 'old' });
});

const bad: Readonly<Record<string, object>> = {
  'of another size': { dependencies: [{ imageName: 'example.com/base', size: 1 }] },
  'with another ID': {
    dependencies: [{ imageName: 'example.com/base', imageID: `sha512-${'0'.repeat(128)}` }],
  },
};

for (const [what, more] of Object.entries(bad))
  test(`a dependency ${what} is refused`, async () => {
    using all = await dependencyPlace();
    await all.add('base', { a: 'base' });
    await all.place.signedAci('top.aci', { more });
    await rejectsWith(all.fetch('top', { pullPolicy: 'never' }), 'ERR_DEPENDENCY');
  });

test('a dependency that is nowhere is an error', async () => {
  using all = await dependencyPlace();
  await all.place.signedAci('top.aci', { more: on('nowhere') });
  await rejectsWith(all.fetch('top', { pullPolicy: 'never' }), 'ERR_NOT_FOUND');
});

test('images that depend on each other in a circle are refused', async () => {
  using all = await dependencyPlace();
  await all.add('a', { a: 'a' });
  await all.add('b', { b: 'b' }, on('a'));
  await rejectsWith(all.add('a', { a: 'again' }, on('b')), 'ERR_DEPENDENCY');
});

test('a dependency nobody signed is refused, whoever signed the image', async () => {
  using all = await dependencyPlace();
  const { place } = all;
  await all.add('base', { a: 'base' });
  const file = await place.signedAci('top.aci', { more: on('base') });
  const fetch = () => fetchImage(place.store, { reference: file }, place.options({ pullPolicy: 'never' }));
  await rejectsWith(fetch(), 'ERR_NOT_SIGNED');
  place.sign(join(place.path, 'base.aci'));
  await fetchImage(place.store, { reference: join(place.path, 'base.aci') }, place.options());
  const { record } = await fetch();
  assert.deepEqual(
    record.dependencies?.map(({ level }) => level),
    [1],
  );
  assert.ok(imageIdPrefix(record.dependencies?.[0]?.id));
});
