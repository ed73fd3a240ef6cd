import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPartial, writeAt } from '../../../../image/store/partial.ts';
import { takeTurn } from '../../../../image/store/take-turn.ts';
import { makeStore } from './store-place.ts';

test('openPartial() opens what is there, makes it otherwise, and has it to itself', () => {
  using place = makeStore();
  const path = join(place.directory, 'partial');
  const fd = openPartial(path) ?? assert.fail('not opened');
  writeAt(fd, Buffer.from('bc'), 1);
  writeAt(fd, Buffer.from('a'), 0);
  assert.equal(openPartial(path), undefined);
  closeSync(fd);
  const again = openPartial(path) ?? assert.fail('not opened');
  assert.equal(readFileSync(again, 'utf8'), 'abc');
  assert.equal(fstatSync(again).mode & 0o777, 0o600);
  closeSync(again);
});

test('openPartial() makes another file where one that is locked got another name', () => {
  using place = makeStore();
  const path = join(place.directory, 'partial');
  const fd = openPartial(path) ?? assert.fail('not opened');
  renameSync(path, `${path}.published`);
  const other = openPartial(path) ?? assert.fail('not opened');
  assert.notEqual(fstatSync(other).ino, fstatSync(fd).ino);
  closeSync(fd);
  closeSync(other);
});

const irregular: Record<string, (path: string, outside: string) => void> = {
  'a link to a file': (path, outside) => symlinkSync(outside, path),
  'a dangling link': (path) => symlinkSync('/nowhere/at/all', path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a directory': (path) => mkdirSync(join(path, 'sub'), { recursive: true }),
};

for (const [what, make] of Object.entries(irregular))
  test(`openPartial() removes ${what}, and neither follows nor waits for it`, () => {
    using place = makeStore();
    const outside = join(place.directory, 'outside');
    writeFileSync(outside, 'mine');
    const path = join(place.directory, 'partial');
    make(path, outside);
    const fd = openPartial(path) ?? assert.fail('not opened');
    writeAt(fd, Buffer.from('theirs'), 0);
    closeSync(fd);
    assert.ok(lstatSync(path).isFile());
    assert.equal(readFileSync(outside, 'utf8'), 'mine');
    assert.ok(existsSync(path));
  });

test('takeTurn() tells once that it waits, and not at all where it need not', async () => {
  using place = makeStore();
  const path = join(place.directory, 'partial');
  const fd = openPartial(path) ?? assert.fail('not opened');
  let told = 0;
  const waiting = takeTurn(
    () => openPartial(path),
    () => told++,
  );
  setTimeout(() => closeSync(fd), 150);
  closeSync(await waiting);
  assert.equal(told, 1);
  rmSync(path);
  closeSync(
    await takeTurn(
      () => openPartial(path),
      () => told++,
    ),
  );
  assert.equal(told, 1);
});
