import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeVolumeDirectories } from '../../../../stage0/volumes/make-directories.ts';

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;
const plain = { path: 'volumes/data', mode: 0o1770, uid, gid };
const copy = { path: 'apps/web/volumes/db', mode: 0o755, uid, gid, copyOf: { app: 'web', path: '/var/db' } };

function place() {
  const path = mkdtempSync(join(tmpdir(), 'tsrkt-volumes-'));
  for (const name of ['pod/apps/web', 'tree/var/db/sub', 'outside'])
    mkdirSync(join(path, name), { recursive: true });
  const pod = join(path, 'pod');
  const make = (...directories: Parameters<typeof makeVolumeDirectories>[1]) =>
    makeVolumeDirectories(pod, directories, () => [join(path, 'tree')]);
  return { path, pod, make, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test('makeVolumeDirectories() makes an empty directory with its mode, whatever the umask', async () => {
  using root = place();
  await root.make(plain);
  const { mode } = statSync(join(root.pod, plain.path));
  assert.equal(mode & 0o7777, 0o1770);
});

test('makeVolumeDirectories() copies the content and the mode of the directory of the image', async () => {
  using root = place();
  const db = join(root.path, 'tree/var/db');
  writeFileSync(join(db, 'file'), 'content', { mode: 0o640 });
  symlinkSync('file', join(db, 'link'));
  statSync(db);
  await root.make(copy);
  const made = join(root.pod, copy.path);
  assert.deepEqual(readdirSync(made).sort(), ['file', 'link', 'sub']);
  assert.equal(readFileSync(join(made, 'link'), 'utf8'), 'content');
  assert.equal(statSync(join(made, 'file')).mode & 0o777, 0o640);
  assert.equal(statSync(made).mode, statSync(db).mode);
});

test('makeVolumeDirectories() makes an empty directory where the image has none to copy', async () => {
  using root = place();
  await root.make({ ...copy, copyOf: { app: 'web', path: '/var/none' } });
  assert.deepEqual(readdirSync(join(root.pod, copy.path)), []);
});

test('makeVolumeDirectories() never copies from outside of the image, whatever its links say', async () => {
  using root = place();
  writeFileSync(join(root.path, 'outside/secret'), 'secret');
  symlinkSync(join(root.path, 'outside'), join(root.path, 'tree/absolute'));
  symlinkSync('../outside', join(root.path, 'tree/relative'));
  for (const path of ['/absolute', '/relative', '/../outside']) {
    const target = `volumes${path.replaceAll('/', '-')}`;
    await root.make({ ...copy, path: target, copyOf: { app: 'web', path } });
    assert.equal(existsSync(join(root.pod, target, 'secret')), false, path);
  }
});
