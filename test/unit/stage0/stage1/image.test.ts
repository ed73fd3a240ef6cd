import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseManifest } from '../../../../image/aci.ts';
import { stage1Executable } from '../../../../stage0/stage1/image.ts';
import { dataDirectory } from '../pods-on-disk.ts';

const PREFIX = 'coreos.com/rkt/stage1/';

function manifest(annotations: Readonly<Record<string, string>>) {
  const all = { 'interface-version': '7', run: '/stage1', ...annotations };
  return parseManifest(
    Buffer.from(
      JSON.stringify({
        acKind: 'ImageManifest',
        acVersion: '0.8.11',
        name: 'example.com/stage1',
        annotations: Object.entries(all).map(([name, value]) => ({ name: PREFIX + name, value })),
      }),
    ),
  );
}

/** The files of an image, with an executable and what a hostile image could have in its place. */
function files() {
  const data = dataDirectory();
  const root = join(data.path, 'rootfs');
  mkdirSync(join(root, 'open'), { recursive: true });
  for (const name of ['stage1', 'open/stage1']) writeFileSync(join(root, name), '', { mode: 0o755 });
  chmodSync(join(root, 'open'), 0o777);
  symlinkSync('/bin/sh', join(root, 'link'));
  symlinkSync('/bin', join(root, 'links'));
  return { ...data, root };
}

test('stage1Executable() is the file that the annotation names', () => {
  using image = files();
  const same = { gc: '/stage1', enter: '/stage1' };
  assert.equal(stage1Executable(manifest(same), image.root), join(image.root, 'stage1'));
});

const hostile: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
  ['a path out of the image', { run: '../../bin/sh' }, /run: expected an absolute path without/],
  ['an absolute path out of it', { run: '/../../bin/sh' }, /run: expected an absolute path without/],
  ['a link', { run: '/link' }, /: \/link is a symbolic link, or behind one$/],
  ['a path by way of a link', { run: '/links/sh' }, /: \/links\/sh is a symbolic link, or behind one$/],
  ['a directory', { run: '/open' }, /: \/open is not a regular file$/],
  ['nothing', { run: '/none' }, /: there is no \/none in it$/],
  ['a file that anybody can replace', { run: '/open/stage1' }, /: everybody may write to .*\/open$/],
  ["rkt's version of the interface", { 'interface-version': '6' }, /speaks version "6".*, tsrkt speaks "7"$/],
  ['several executables', { gc: '/gc' }, /stage1\/gc names another executable than/],
];

for (const [what, annotations, message] of hostile)
  test(`stage1Executable() refuses ${what}`, () => {
    using image = files();
    assert.throws(() => stage1Executable(manifest(annotations), image.root), { code: 'ERR_STAGE1', message });
  });
