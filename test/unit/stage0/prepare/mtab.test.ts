import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkMtab } from '../../../../stage0/prepare/mtab.ts';
import { dataDirectory } from '../pods-on-disk.ts';

/** An image's tree, and an empty upper directory. */
function overlay() {
  const data = dataDirectory();
  const [tree, upper] = [join(data.path, 'tree'), join(data.path, 'upper')];
  for (const path of [tree, upper]) mkdirSync(path);
  return { tree, upper, [Symbol.dispose]: data[Symbol.dispose] };
}

test('linkMtab() makes the link in the upper directory, below an /etc like that of the image', () => {
  using layers = overlay();
  mkdirSync(join(layers.tree, 'etc'), { mode: 0o711 });
  writeFileSync(join(layers.tree, 'etc/mtab'), 'stale');
  linkMtab(layers.upper, [layers.tree]);
  assert.equal(readlinkSync(join(layers.upper, 'etc/mtab')), '../proc/self/mounts');
  assert.equal(statSync(join(layers.upper, 'etc')).mode & 0o777, 0o711);
  assert.equal(lstatSync(join(layers.tree, 'etc/mtab')).isFile(), true);
});

test('linkMtab() replaces the file of a copied tree', () => {
  using layers = overlay();
  mkdirSync(join(layers.tree, 'etc'));
  writeFileSync(join(layers.tree, 'etc/mtab'), 'stale');
  linkMtab(layers.tree, [layers.tree]);
  assert.equal(readlinkSync(join(layers.tree, 'etc/mtab')), '../proc/self/mounts');
});

test('linkMtab() makes no /etc, and follows none', () => {
  using layers = overlay();
  linkMtab(layers.upper, [layers.tree]);
  assert.equal(existsSync(join(layers.upper, 'etc')), false);
  const outside = join(layers.tree, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(layers.tree, 'etc'));
  linkMtab(layers.upper, [layers.tree]);
  linkMtab(layers.tree, [layers.tree]);
  assert.equal(existsSync(join(outside, 'mtab')), false);
});

test('linkMtab() leaves a directory called mtab alone', () => {
  using layers = overlay();
  mkdirSync(join(layers.tree, 'etc/mtab'), { recursive: true });
  linkMtab(layers.tree, [layers.tree]);
  assert.equal(lstatSync(join(layers.tree, 'etc/mtab')).isDirectory(), true);
});
