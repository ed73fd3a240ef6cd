import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { extract, layer, makePlace } from './extract/extract-place.ts';
import { entry, pax } from './tar-blocks.ts';
import { walkTree } from './tree-walk.ts';

test('beginExtraction() makes files, directories and links as the archive has them', async () => {
  using place = makePlace();
  await extract(
    place.root,
    entry({ name: 'd', type: '5', mode: 0o555, mtime: 77 }),
    entry({ name: 'd/file', mode: 0o604, mtime: 99 }, 'content'),
    entry({ name: 'd/hard', type: '1', linkname: 'd/file' }),
    entry({ name: 'soft', type: '2', linkname: '../../../etc/passwd' }),
    entry({ name: 'fifo', type: '6', mode: 0o600 }),
  );
  const [directory, file] = [lstatSync(join(place.root, 'd')), lstatSync(join(place.root, 'd/file'))];
  assert.deepEqual([directory.mode & 0o7777, directory.mtimeMs], [0o555, 77_000]);
  assert.deepEqual([file.mode & 0o7777, file.mtimeMs, file.nlink], [0o604, 99_000, 2]);
  assert.equal(readFileSync(join(place.root, 'd/hard'), 'utf8'), 'content');
  assert.equal(readlinkSync(join(place.root, 'soft')), '../../../etc/passwd');
  assert.ok(lstatSync(join(place.root, 'fifo')).isFIFO());
});

test('beginExtraction() makes missing parents 0755 with the time 0, whatever the umask', async () => {
  using place = makePlace();
  const before = process.umask(0o077);
  try {
    await extract(place.root, entry({ name: 'a/b/c' }));
  } finally {
    process.umask(before);
  }
  for (const path of ['', 'a', 'a/b']) {
    const { mode, mtimeMs } = lstatSync(join(place.root, path));
    assert.deepEqual([mode & 0o7777, mtimeMs], [0o755, 0], path);
  }
});

test('beginExtraction() keeps times to the nanosecond', async () => {
  using place = makePlace();
  await extract(place.root, pax({ mtime: '1700000000.123456789' }), entry({ name: 'f' }));
  assert.equal(lstatSync(join(place.root, 'f'), { bigint: true }).mtimeNs, 1_700_000_000_123_456_789n);
});

test('beginExtraction() keeps names that are not UTF-8', async () => {
  using place = makePlace();
  await extract(place.root, entry({ name: Buffer.from([0xff, 0x2f, 0xfe]) }, 'x'));
  assert.deepEqual(
    (await walkTree(place.root)).map((line) => line.split(' ')[0]),
    ['.', './\xff', './\xff/\xfe'],
  );
});

test('beginExtraction() leaves holes where a sparse file has them', async () => {
  using place = makePlace();
  const map = { 'GNU.sparse.size': String(64 * 1024 * 1024), 'GNU.sparse.map': '33554432,1' };
  await extract(place.root, pax(map), entry({ name: 'sparse' }, 'x'));
  const { size, blocks } = lstatSync(join(place.root, 'sparse'));
  assert.equal(size, 64 * 1024 * 1024);
  assert.ok(blocks < 1024, `${blocks} blocks`);
});

test('beginExtraction() resolves a symlinked parent within the root', async () => {
  using place = makePlace();
  await extract(
    place.root,
    entry({ name: 'usr/lib', type: '5', mode: 0o755 }),
    entry({ name: 'lib', type: '2', linkname: '/usr/lib' }),
    entry({ name: 'lib/x' }, 'x'),
  );
  assert.equal(readFileSync(join(place.root, 'usr/lib/x'), 'utf8'), 'x');
});

const refused: Readonly<Record<string, readonly [Buffer[], RegExp]>> = {
  'a root that is a symlink ("/." of CVE-2021-29136)': [
    [entry({ name: '/.', type: '2', linkname: '/' })],
    /is absolute/,
  ],
  'a root that is a file': [[entry({ name: './.' }, 'x')], /extract ".": the root is not a directory/],
  'a file that comes twice': [[entry({ name: 'f' }), entry({ name: './f' })], /extract "f": comes twice/],
  'a directory that comes twice': [
    [entry({ name: 'd', type: '5' }), entry({ name: 'd/', type: '5' })],
    /extract "d": comes twice/,
  ],
  'a file where a directory is': [[entry({ name: 'd/x' }), entry({ name: 'd' })], /extract "d": comes twice/],
  'a directory where a file is': [
    [entry({ name: 'd' }), entry({ name: 'd', type: '5' })],
    /extract "d": comes twice/,
  ],
  'a file in a file': [[entry({ name: 'f' }), entry({ name: 'f/x' })], /extract "f\/x": ENOTDIR/],
  'a hard link to nothing': [
    [entry({ name: 'h', type: '1', linkname: 'gone' })],
    /hard link to "gone", which is not there/,
  ],
  'a hard link to itself': [
    [entry({ name: 'h', type: '1', linkname: 'h' })],
    /hard link to "h", which is not there/,
  ],
  'a hard link to a directory': [
    [entry({ name: 'd', type: '5' }), entry({ name: 'h', type: '1', linkname: 'd' })],
    /hard link to "d", a directory/,
  ],
  'a hard link to a symlink': [
    [
      entry({ name: 's', type: '2', linkname: '/etc/shadow' }),
      entry({ name: 'h', type: '1', linkname: 's' }),
    ],
    /hard link to "s", a symbolic link/,
  ],
  'a loop of symlinks': [
    [
      entry({ name: 'a', type: '2', linkname: 'b' }),
      entry({ name: 'b', type: '2', linkname: 'a' }),
      entry({ name: 'a/x' }),
    ],
    /extract "a\/x": ELOOP/,
  ],
};

for (const [what, [entries, message]] of Object.entries(refused))
  test(`beginExtraction() refuses ${what}`, async () => {
    using place = makePlace();
    await assert.rejects(extract(place.root, ...entries), message);
  });

test('beginExtraction() lets the later of two entries win where that is asked for', async () => {
  using place = makePlace();
  await extract(
    place.root,
    entry({ name: 'file' }, 'old'),
    entry({ name: 'dir/deep/x' }, 'old'),
    entry({ name: 'kept', type: '5', mode: 0o700 }),
    entry({ name: 'kept/x' }, 'x'),
    entry({ name: 'link', type: '2', linkname: '../outside' }),
    entry({ name: 'file', mode: 0o600 }, 'new'),
    entry({ name: 'dir' }, 'now a file'),
    entry({ name: 'kept', type: '5', mode: 0o711 }),
    entry({ name: 'link', type: '5', mode: 0o755 }),
    entry({ name: 'link/y' }, 'y'),
    layer,
  );
  const read = (path: string) => readFileSync(join(place.root, path), 'utf8');
  assert.deepEqual(['file', 'dir', 'kept/x', 'link/y'].map(read), ['new', 'now a file', 'x', 'y']);
  assert.equal(lstatSync(join(place.root, 'kept')).mode & 0o7777, 0o711);
  assert.ok(!existsSync(join(place.outside, 'y')));
});

test('beginExtraction() writes to a replaced file, not to the one a hard link shares', async () => {
  using place = makePlace();
  await extract(
    place.root,
    entry({ name: 'a' }, 'first'),
    entry({ name: 'b', type: '1', linkname: 'a' }),
    entry({ name: 'a' }, 'second'),
    layer,
  );
  assert.equal(readFileSync(join(place.root, 'b'), 'utf8'), 'first');
});

test('beginExtraction() keeps user attributes, and none that would speak to the host', async () => {
  using place = makePlace();
  const names = [
    'user.mine',
    'user.overlay.opaque',
    'trusted.overlay.opaque',
    'security.selinux',
    'system.posix_acl_access',
  ];
  await extract(
    place.root,
    pax(Object.fromEntries(names.map((name) => [`SCHILY.xattr.${name}`, 'y']))),
    entry({ name: 'f' }),
  );
  const { getXattr } = await import('../../../linux/xattr.ts');
  const path = Buffer.from(`${join(place.root, 'f')}\0`);
  assert.deepEqual(
    names.map((name) => getXattr(path, name)?.toString()),
    ['y', undefined, undefined, undefined, undefined],
  );
});

test('beginExtraction() leaves devices out for an ordinary user', async () => {
  using place = makePlace();
  await extract(place.root, entry({ name: 'null', type: '3', major: 1, minor: 3 }));
  assert.ok(!existsSync(join(place.root, 'null')));
});
