import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type UnpackCommand, unpackInProcess } from '../../image/store/oci/unpack-process.ts';
import { rejectsWith } from '../registry/pulling.ts';
import { digestOf } from '../registry/sample-image.ts';
import { type Member, tar } from '../registry/tar.ts';

const top = mkdtempSync(join(tmpdir(), 'tsrkt-unpack-'));
after(() => rmSync(top, { recursive: true, force: true }));

const main = join(import.meta.dirname, '../../cmd/tsrkt/main.ts');
const command: UnpackCommand = [process.execPath, main, 'unpack-layer'];

let count = 0;

function unpack(members: readonly Member[], lower: readonly string[] = [], using = command) {
  const path = join(top, String(count++));
  const bytes = tar(members);
  writeFileSync(`${path}.tar`, bytes);
  const blob = {
    fd: openSync(`${path}.tar`, 'r'),
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    diffId: digestOf(bytes),
    lower: async () => lower,
  };
  return { path, result: unpackInProcess(using, blob, path) };
}

test('unpackInProcess() unpacks a layer', async () => {
  const { path, result } = unpack([{ name: 'a', content: 'a' }]);
  assert.deepEqual(await result, { entries: 1, bytes: 1, describesRoot: false, usesLower: false });
  assert.equal(readFileSync(join(path, 'rootfs/a'), 'utf8'), 'a');
});

test('unpackInProcess() tells the layers below when they are needed', async () => {
  const below = unpack([{ name: 'a', content: 'below' }]);
  await below.result;
  const link = unpack([{ name: 'b', type: '1', link: 'a' }], [join(below.path, 'rootfs')]);
  assert.equal((await link.result).usesLower, true);
  assert.equal(readFileSync(join(link.path, 'rootfs/b'), 'utf8'), 'below');
});

test('unpackInProcess() passes on why a layer is refused', async () => {
  await rejectsWith(unpack([{ name: '../a' }]).result, 'ERR_LAYER');
});

test('unpackInProcess() says that its process died, or cannot be', async () => {
  await rejectsWith(unpack([], [], ['/bin/sh', '-c', 'kill -9 $$']).result, 'ERR_UNPACK_PROCESS');
  await rejectsWith(unpack([], [], ['/bin/true']).result, 'ERR_UNPACK_PROCESS');
  await rejectsWith(unpack([], [], ['/nonexistent']).result, 'ERR_UNPACK_PROCESS');
});
