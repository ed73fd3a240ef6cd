import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { extract, layer, makePlace } from '../unit/image/extract/extract-place.ts';
import { entry, pax } from '../unit/image/tar-blocks.ts';

test('beginExtraction() makes a path of a thousand directories in time', { timeout: 60_000 }, async () => {
  using place = makePlace();
  const deep = (top: string) => [pax({ path: `${top}/${'d/'.repeat(1000)}f` }), entry({}, 'x')];
  const start = performance.now();
  await extract(place.root, ...['a', 'b', 'c'].flatMap(deep));
  assert.ok(performance.now() - start < 20_000);
});

test('beginExtraction() refuses to replace directories for ever', async () => {
  using place = makePlace();
  const flips = Array.from({ length: 1002 }, () => [entry({ name: 'd', type: '5' }), entry({ name: 'd' })]);
  await assert.rejects(extract(place.root, ...flips.flat(), layer), /more than 1000 directories replaced/);
});

test('beginExtraction() closes what it opened', async () => {
  using place = makePlace();
  const many = Array.from({ length: 300 }, (_, index) => entry({ name: `d${index}/f` }));
  const before = openFiles();
  await extract(place.root, ...many);
  assert.equal(openFiles(), before);
});

function openFiles(): number {
  const fd = openSync('/dev/null', 'r');
  closeSync(fd);
  return fd;
}
