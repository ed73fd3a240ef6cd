import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { partialDirectory } from '../../../../image/store/layout.ts';
import { openPartial } from '../../../../image/store/partial.ts';
import { sweepPartials } from '../../../../image/store/sweep-partials.ts';
import { makeStore } from './store-place.ts';

const HOUR = 3_600_000;

/** A store, and files in its `cas/partial` that were written so many hours ago. */
function placeWith(files: Record<string, number>) {
  const place = makeStore();
  const at = (name: string) => join(partialDirectory(place.store), name);
  for (const [name, hours] of Object.entries(files)) {
    writeFileSync(at(name), 'x');
    const time = Date.now() / 1000 - hours * 3600;
    utimesSync(at(name), time, time);
  }
  return { ...place, at, names: () => readdirSync(partialDirectory(place.store)).sort() };
}

test('sweepPartials() removes a file and its notes together, by the younger of them', () => {
  using place = placeWith({
    'url-a': 5,
    'url-a.json': 5,
    'url-b': 5,
    'url-b.json': 1,
    'url-c': 1,
    'url-c.json': 5,
    'sha256-d': 5,
  });
  sweepPartials(place.store, 2 * HOUR);
  assert.deepEqual(place.names(), ['url-b', 'url-b.json', 'url-c', 'url-c.json']);
});

test('sweepPartials() leaves a file and its notes to who has the file locked, whatever their age', () => {
  using place = placeWith({ 'url-a': 5, 'url-a.json': 5 });
  const fd = openPartial(place.at('url-a')) ?? assert.fail('not opened');
  sweepPartials(place.store, 0);
  assert.deepEqual(place.names(), ['url-a', 'url-a.json']);
  closeSync(fd);
  sweepPartials(place.store, 0);
  assert.deepEqual(place.names(), []);
});

test('sweepPartials() removes notes whose file is gone, and makes none for those that stay', () => {
  using place = placeWith({ 'url-a.json': 5, 'url-b.json': 1, '.json': 5 });
  sweepPartials(place.store, 2 * HOUR);
  assert.deepEqual(
    place.names().filter((name) => name.endsWith('.json')),
    ['url-b.json'],
  );
});

test('sweepPartials() removes links, FIFOs and directories, and neither follows nor waits for them', () => {
  using place = placeWith({ 'url-a': 5 });
  const outside = join(place.directory, 'outside');
  writeFileSync(outside, 'mine');
  symlinkSync(outside, place.at('url-link'));
  symlinkSync('/nowhere/at/all', place.at('url-dangling'));
  execFileSync('mkfifo', [place.at('url-fifo'), place.at('url-a.json')]);
  mkdirSync(place.at('url-directory/sub'), { recursive: true });
  sweepPartials(place.store, 0);
  assert.deepEqual(place.names(), []);
  assert.ok(existsSync(outside));
});

test('sweepPartials() minds nothing that others remove meanwhile', { timeout: 30_000 }, async () => {
  using place = placeWith(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`url-${index}`, 5])));
  const script = join(place.directory, 'sweep.ts');
  const module = join(import.meta.dirname, '../../../../image/store/sweep-partials.ts');
  writeFileSync(
    script,
    `import { sweepPartials } from ${JSON.stringify(module)};\nsweepPartials({ path: process.argv[2] }, 0);\n`,
  );
  const sweeps = Array.from({ length: 3 }, () =>
    spawn(process.execPath, [script, place.store.path], { stdio: 'inherit' }),
  );
  const statuses = sweeps.map(
    (child) => new Promise<number | null>((resolve) => child.on('exit', (status) => resolve(status))),
  );
  assert.deepEqual(await Promise.all(statuses), [0, 0, 0]);
  assert.deepEqual(place.names(), []);
});
