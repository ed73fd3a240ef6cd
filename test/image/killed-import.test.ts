import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listImages } from '../../image/store/lookup.ts';
import { imageTree } from '../../image/store/tree.ts';
import { openStore } from '../../image/store.ts';
import { checkStore } from '../unit/image/store/check-store.ts';
import { importFile, makeStore, storeFiles } from '../unit/image/store/store-place.ts';
import { entry } from '../unit/image/tar-blocks.ts';
import { writeTestAci } from '../unit/image/test-aci.ts';
import { walkTree } from '../unit/image/tree-walk.ts';

const script = join(import.meta.dirname, 'import-child.ts');
const files = Array.from({ length: 200 }, (_, index) =>
  entry(
    { name: `rootfs/d${index % 20}/f${index}`, mode: 0o600 + (index % 8) },
    Buffer.alloc(index * 50, String(index)),
  ),
);

test('importAci() leaves a store without half an image when it is killed, whenever that is', {
  timeout: 120_000,
}, async () => {
  using place = makeStore();
  const aci = join(place.directory, 'a.aci');
  await writeTestAci(aci, { files });
  const whole = await importFile(place.store, aci);
  const expected = await walkTree((await imageTree(place.store, whole.id)).path);
  const seen = new Set<string>();
  for (let round = 0; round < 24; round++) {
    const directory = join(place.directory, `store-${round}`);
    const child = startImport(directory, aci);
    const exited = once(child, 'exit'); // a fast machine is done before the later kills
    await sleep(round * 6);
    child.kill('SIGKILL');
    await exited;
    const store = openStore(directory);
    const before = listImages(store).images.length;
    seen.add(before === 0 ? 'killed before' : 'killed after');
    await checkStore(store, expected);
    assert.equal((await importFile(store, aci)).id, whole.id);
    await checkStore(store, expected);
  }
  assert.ok(seen.has('killed before'), [...seen].join());
});

test('importAci() in several processes at once gives one image, one file and one tree', {
  timeout: 60_000,
}, async () => {
  using place = makeStore();
  const aci = join(place.directory, 'a.aci');
  const id = await writeTestAci(aci, { files });
  const directory = join(place.directory, 'shared');
  mkdirSync(directory);
  const children = [1, 2, 3].map(() => startImport(directory, aci));
  const outputs = await Promise.all(children.map(outputOf));
  assert.deepEqual(outputs, [id, id, id]);
  const store = openStore(directory);
  const tree = await imageTree(store, listImages(store).images[0]?.id ?? assert.fail('no image'));
  await checkStore(store, await walkTree(tree.path));
});

test('importAci() of one image as two files at once keeps one of them', { timeout: 60_000 }, async () => {
  using place = makeStore();
  const acis = [join(place.directory, 'a.aci'), join(place.directory, 'b.aci')];
  for (const [index, compression] of (['gzip', 'zstd'] as const).entries())
    await writeTestAci(acis[index] ?? '', { files, compression });
  const directory = join(place.directory, 'shared');
  const outputs = await Promise.all(acis.map((aci) => outputOf(startImport(directory, aci))));
  assert.equal(new Set(outputs).size, 1);
  const store = openStore(directory);
  assert.equal(listImages(store).images.length, 1);
  assert.equal(storeFiles(store).length, 3);
});

test('importAci() goes on when the process it waits for is killed', { timeout: 60_000 }, async () => {
  using place = makeStore();
  const aci = join(place.directory, 'a.aci');
  const id = await writeTestAci(aci, { files });
  const children = Array.from({ length: 4 }, () => startImport(place.store.path.replace(/\/cas$/, ''), aci));
  const results = children.map(outputOf);
  for (const child of children.slice(0, 3)) {
    await sleep(30);
    child.kill('SIGKILL');
  }
  assert.equal(await results[3], id);
  assert.equal(listImages(place.store).images.length, 1);
});

/** A child that imports; killed once it said that it started, it is in the middle of it. */
function startImport(directory: string, aci: string): ChildProcess {
  return spawn(process.execPath, [script, directory, aci], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The last line a child wrote. */
async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout ?? []) output += chunk;
  return output.trim().split('\n').at(-1) ?? '';
}
