import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathChunks } from '../../image/file-chunks.ts';
import { unpackAci } from '../../image/unpack-aci.ts';
import { writeAci } from '../../image/write-aci.ts';
import { libc } from '../../linux/call.ts';
import { setLinkTimes } from '../../linux/times.ts';
import { getXattr, listXattrs, setLinkXattr } from '../../linux/xattr.ts';
import { walkTree } from '../unit/image/tree-walk.ts';

const manifest = JSON.stringify({ acKind: 'ImageManifest', acVersion: '0.8.11', name: 'example.com/test' });

// A tree with everything a tree can have, made with the tools of the host.
const makeTree = `
set -e
echo '${manifest}' > manifest
mkdir rootfs && cd rootfs
mkdir -p usr/bin empty "$(printf 'd%.0s' $(seq 200))"
echo hello > usr/bin/hello && chmod 4755 usr/bin/hello && chown 1000:1001 usr/bin/hello
ln usr/bin/hello usr/bin/hello-again
ln -s ../../../etc/passwd usr/bin/link && chown -h 12:34 usr/bin/link
ln -s "$(printf 'l%.0s' $(seq 150))" long-link
mkfifo fifo && chmod 622 fifo
mknod null c 1 3 && chmod 666 null
mknod disk b 259 70000
head -c 3000000 /dev/urandom > large
printf %b 'name \\0351\\0377' | xargs -0 touch
touch "$(printf 'n%.0s' $(seq 180))" mode0 && chmod 0 mode0
chmod 1777 empty
truncate -s 20M sparse
for at in 0 1 3 5 7 9 11 13; do echo data | dd of=sparse bs=1M seek=$at conv=notrunc status=none; done
touch -d '2001-02-03 04:05:06.123456789' large usr/bin/hello
touch -h -d '1999-01-01 00:00:00.5' usr/bin/link
touch -d '2002-02-02' usr/bin usr empty . sparse
`;

const attributes = [
  ['large', 'user.text', Buffer.from('value')],
  ['empty', 'user.binary', Buffer.from([0, 255, 128, 10])],
  [
    'usr/bin/hello',
    'security.capability',
    Buffer.from('0100000280ff000000000000000000000000000'.padEnd(40, '0'), 'hex'),
  ],
] as const; // a version 2 capability: 20 bytes

interface Made extends Disposable {
  readonly top: string;
  readonly tree: string;
}

function make(): Made {
  const top = mkdtempSync(join(tmpdir(), 'tsrkt-tree-'));
  const tree = join(top, 'tree');
  mkdirSync(tree);
  execFileSync('sh', ['-c', makeTree], { cwd: tree });
  for (const [path, name, value] of attributes)
    setLinkXattr(Buffer.from(`${join(tree, 'rootfs', path)}\0`), name, value);
  return { top, tree, [Symbol.dispose]: () => rmSync(top, { recursive: true }) };
}

/** Tar options, and what the format cannot hold (so that the original is made without it). */
const formats: Readonly<Record<string, { readonly options: string[]; readonly strip?: string }>> = {
  'pax with extended attributes': { options: ['--format=pax', '--xattrs', '--xattrs-include=*'] },
  'pax, sparse 0.0': {
    options: ['--format=pax', '--xattrs', '--xattrs-include=*', '--sparse', '--sparse-version=0.0'],
  },
  'pax, sparse 0.1': {
    options: ['--format=pax', '--xattrs', '--xattrs-include=*', '--sparse', '--sparse-version=0.1'],
  },
  'pax, sparse 1.0': {
    options: ['--format=pax', '--xattrs', '--xattrs-include=*', '--sparse', '--sparse-version=1.0'],
  },
  gnu: { options: ['--format=gnu'], strip: 'attributes' },
  'gnu, sparse': { options: ['--format=gnu', '--sparse'], strip: 'attributes' },
  oldgnu: { options: ['--format=oldgnu', '--sparse'], strip: 'attributes' },
  ustar: { options: ['--format=ustar'], strip: 'attributes names' },
  v7: { options: ['--format=v7'], strip: 'attributes names special' },
};

for (const [name, { options, strip = '' }] of Object.entries(formats))
  test(`unpackAci() makes the tree that GNU tar packed as ${name}`, async () => {
    using made = make();
    if (strip !== '') stripTree(join(made.tree, 'rootfs'), strip);
    const file = join(made.top, 'test.aci');
    execFileSync('tar', [...options, '--sort=name', '-C', made.tree, '-cf', file, 'manifest', 'rootfs']);
    const target = join(made.top, 'unpacked');
    mkdirSync(target);
    await unpackAci(pathChunks(file), target, 'root');
    assert.deepEqual(await walkTree(target), await walkTree(join(made.tree, 'rootfs')));
  });

test('unpackAci() makes the tree that writeAci() packed, and packing that gives the same ID again', async () => {
  using made = make();
  const [first, second, target] = [
    join(made.top, '1.aci'),
    join(made.top, '2.aci'),
    join(made.top, 'unpacked'),
  ];
  mkdirSync(target);
  const options = { manifest: Buffer.from(manifest), compression: 'zstd' } as const;
  const written = await writeAci({ ...options, rootfs: join(made.tree, 'rootfs'), out: first });
  const aci = await unpackAci(pathChunks(first), target, 'root');
  assert.equal(aci.id, written.id);
  assert.deepEqual(await walkTree(target), await walkTree(join(made.tree, 'rootfs')));
  assert.equal(
    (await writeAci({ ...options, rootfs: target, out: second, compression: 'xz' })).id,
    written.id,
  );
});

test('writeAci() packs what GNU tar unpacks to the same tree', async () => {
  using made = make();
  const [file, target] = [join(made.top, 'test.aci'), join(made.top, 'unpacked')];
  mkdirSync(target);
  await writeAci({
    manifest: Buffer.from(manifest),
    rootfs: join(made.tree, 'rootfs'),
    out: file,
    compression: 'none',
  });
  execFileSync('tar', ['--xattrs', '--xattrs-include=*', '-C', target, '-xpf', file]);
  assert.deepEqual(await walkTree(join(target, 'rootfs')), await walkTree(join(made.tree, 'rootfs')));
});

test('unpackAci() gives a file its capabilities after its owner, which would clear them', async () => {
  using made = make();
  const [file, target] = [join(made.top, 'test.aci'), join(made.top, 'unpacked')];
  mkdirSync(target);
  await writeAci({
    manifest: Buffer.from(manifest),
    rootfs: join(made.tree, 'rootfs'),
    out: file,
    compression: 'gzip',
  });
  await unpackAci(pathChunks(file), target, 'root');
  const value = getXattr(Buffer.from(`${join(target, 'usr/bin/hello')}\0`), 'security.capability');
  assert.equal(value?.toString('hex').slice(0, 12), '0100000280ff');
});

/** Takes from a tree what a format cannot say. */
function stripTree(tree: string, what: string): void {
  const paths = execFileSync('find', ['.', '-depth', '-print0'], { cwd: tree, encoding: 'latin1' }).split(
    '\0',
  );
  for (const path of paths.filter((each) => each !== ''))
    stripFile(Buffer.from(`${tree}/${path}\0`, 'latin1'), what.split(' '));
  for (const path of paths.filter((each) => each !== '')) cutTime(Buffer.from(`${tree}/${path}\0`, 'latin1'));
}

function stripFile(path: Buffer, what: readonly string[]): void {
  const file = path.subarray(0, -1);
  const name = path.toString('latin1').split('/').at(-1) ?? '';
  const isSpecial = ['null\0', 'disk\0', 'fifo\0'].includes(name);
  const isLong = name.length > 90 || name === 'long-link\0';
  if ((isSpecial && what.includes('special')) || (isLong && what.includes('names')))
    rmSync(file, { recursive: true });
  else if (what.includes('attributes'))
    for (const attribute of listXattrs(path)) libc('lremovexattr', [path, attribute]);
}

function cutTime(path: Buffer): void {
  const stat = lstatSync(path.subarray(0, -1), { bigint: true, throwIfNoEntry: false });
  if (stat !== undefined) setLinkTimes(path, stat.mtimeNs - (stat.mtimeNs % 1_000_000_000n));
}
