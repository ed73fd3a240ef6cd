import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Privilege } from '../../../../image/extract/attributes.ts';
import { unpackLayer } from '../../../../image/oci/layer.ts';
import { isOpaque, isWhiteout, visibleLayers } from '../../../../image/oci/overlay-mark.ts';
import { digestOf } from '../../../registry/sample-image.ts';
import { type Member, tar } from '../../../registry/tar.ts';

const top = mkdtempSync(join(tmpdir(), 'tsrkt-layer-'));
after(() => rmSync(top, { recursive: true }));

const privilege: Privilege = process.getuid?.() === 0 ? 'root' : 'user';

async function* one(bytes: Buffer) {
  yield bytes;
}

let count = 0;
async function unpack(members: readonly Member[], lower?: readonly string[]): Promise<string> {
  const target = join(top, String(count++));
  mkdirSync(target);
  const bytes = tar(members);
  const options = {
    diffId: digestOf(bytes),
    privilege,
    ...(lower === undefined ? {} : { lower: async () => lower }),
  };
  await unpackLayer(one(bytes), target, options);
  return target;
}

/** What is in a layer: `name=content`, `name/`, `name/!` (opaque), `-name` (whiteout), `name->target`. */
function listing(directory: string, prefix = ''): readonly string[] {
  return readdirSync(join(directory, prefix))
    .sort()
    .flatMap((name) => {
      const path = join(prefix, name);
      const stat = lstatSync(join(directory, path));
      if (isWhiteout(stat)) return [`-${path}`];
      if (stat.isSymbolicLink()) return [`${path}->${readlinkSync(join(directory, path))}`];
      if (!stat.isDirectory()) return [`${path}=${readFileSync(join(directory, path))}`];
      const mark = isOpaque(Buffer.from(`${join(directory, path)}\0`)) ? '/!' : '/';
      return [path + mark, ...listing(directory, path)];
    });
}

const directory = (name: string, more: Partial<Member> = {}): Member => ({ name, type: '5', ...more });
const file = (name: string, content = ''): Member => ({ name, content });

const good: [promise: string, members: Member[], listing: string[]][] = [
  [
    'makes files, directories and links',
    [directory('a/'), file('a/b', 'x'), { name: 'l', type: '2', link: '/etc' }],
    ['a/', 'a/b=x', 'l->/etc'],
  ],
  [
    'takes names with "./" and with a leading slash',
    [directory('./'), file('./a', '1'), file('/b', '2')],
    ['a=1', 'b=2'],
  ],
  ['makes a whiteout a device 0:0', [directory('a'), file('a/.wh.b'), file('.wh.c')], ['a/', '-a/b', '-c']],
  ['marks a directory opaque', [directory('a'), file('a/.wh..wh..opq'), file('a/b')], ['a/!', 'a/b=']],
  [
    'keeps the layer’s own files in an opaque directory when the mark comes last',
    [directory('a'), file('a/b'), file('a/.wh..wh..opq')],
    ['a/!', 'a/b='],
  ],
  ['never removes the layer’s own file by a whiteout, before it', [file('.wh.a'), file('a', '1')], ['a=1']],
  ['never removes the layer’s own file by a whiteout, after it', [file('a', '1'), file('.wh.a')], ['a=1']],
  [
    'makes a directory opaque that it also whites out',
    [file('.wh.a'), directory('a'), file('a/b')],
    ['a/!', 'a/b='],
  ],
  [
    'ignores what aufs left',
    [directory('.wh..wh.plnk'), file('.wh..wh.plnk/1.2'), file('.wh..wh.aufs'), file('.wh..wh.orph')],
    [],
  ],
  ['ignores a whiteout below one of its own files', [file('a', '1'), file('a/.wh.b')], ['a=1']],
  ['lets the later of two entries win', [file('a', '1'), file('a', '2')], ['a=2']],
  ['replaces a file by a directory', [file('a'), directory('a'), file('a/b')], ['a/', 'a/b=']],
  ['replaces a directory by a file', [directory('a'), file('a/b'), file('a', '1')], ['a=1']],
  [
    'replaces a link by a file, not what it points to',
    [{ name: 'a', type: '2', link: '/etc/passwd' }, file('a', '1')],
    ['a=1'],
  ],
];

for (const [promise, members, expected] of good)
  test(`unpackLayer() ${promise}`, async () => assert.deepEqual(listing(await unpack(members)), expected));

const bad: [what: string, members: Member[], code: string][] = [
  ['a name that leads upwards', [file('../evil')], 'ERR_LAYER'],
  ['a name that leads upwards inside', [file('a/../../evil')], 'ERR_LAYER'],
  ['a whiteout without a name', [file('.wh.')], 'ERR_LAYER'],
  ['a whiteout of ".."', [file('.wh...')], 'ERR_LAYER'],
  ['a device that overlayfs takes for a whiteout', [{ name: 'a', type: '3' }], 'ERR_LAYER'],
  ['a hard link that leads upwards', [{ name: 'a', type: '1', link: '../../etc/passwd' }], 'ERR_LAYER'],
  ['a hard link to a whiteout', [{ name: 'a', type: '1', link: '.wh.b' }], 'ERR_LAYER'],
  [
    'a hard link to a symbolic link',
    [
      { name: 's', type: '2', link: '/etc/passwd' },
      { name: 'a', type: '1', link: 's' },
    ],
    'ERR_EXTRACT',
  ],
  ['a root that is a file', [file('.', 'x')], 'ERR_EXTRACT'],
  [
    'a root that is a link (CVE-2021-29136)',
    [{ name: '.', type: '2', link: '/' }, file('etc/x')],
    'ERR_EXTRACT',
  ],
  ['a hard link to a file below, alone', [{ name: 'a', type: '1', link: 'below' }], 'ERR_LAYER_NEEDS_LOWER'],
  ['a directory it does not describe, alone', [file('a/b')], 'ERR_LAYER_NEEDS_LOWER'],
];

for (const [what, members, code] of bad)
  test(`unpackLayer() refuses ${what}`, async () => assert.rejects(unpack(members), { code }));

test('unpackLayer() writes nothing through a symbolic link out of the root', async () => {
  const outside = join(top, 'outside');
  mkdirSync(outside);
  const members = [{ name: 'a', type: '2', link: outside }, file('a/evil', 'x')];
  await unpack(members, []).catch(() => undefined);
  assert.deepEqual(readdirSync(outside), []);
});

test('unpackLayer() refuses content of another diff ID', async () => {
  const target = join(top, 'diff-id');
  mkdirSync(target);
  const options = { diffId: digestOf(Buffer.from('other')), privilege };
  await assert.rejects(unpackLayer(one(tar([file('a')])), target, options), { code: 'ERR_DIGEST_MISMATCH' });
});

test('unpackLayer() counts bytes after the end mark into the diff ID', async () => {
  const bytes = Buffer.concat([tar([file('a')]), Buffer.alloc(10_240), Buffer.from('more')]);
  const target = join(top, 'trailing');
  mkdirSync(target);
  const { entries } = await unpackLayer(one(bytes), target, { diffId: digestOf(bytes), privilege });
  assert.equal(entries, 1);
});

test('unpackLayer() lets no image bring overlayfs’s own attributes', async () => {
  const pax = { 'SCHILY.xattr.trusted.overlay.opaque': 'y', 'SCHILY.xattr.user.overlay.opaque': 'y' };
  assert.deepEqual(listing(await unpack([directory('a', { pax })])), ['a/']);
});

test('unpackLayer() copies up a file of a layer below that it links to, so that both names are one file', async () => {
  const base = await unpack([directory('d'), { name: 'd/f', content: 'x', mode: 0o640 }, file('other')]);
  const layer = await unpack([{ name: 'link', type: '1', link: 'd/f' }], [base]);
  assert.deepEqual(listing(layer), ['d/', 'd/f=x', 'link=x']);
  assert.equal(lstatSync(join(layer, 'link')).ino, lstatSync(join(layer, 'd/f')).ino);
  assert.equal(lstatSync(join(layer, 'link')).mode & 0o777, 0o640);
});

test('unpackLayer() does not link to a file that a layer between has removed', async () => {
  const base = await unpack([
    directory('d'),
    file('d/f'),
    directory('e'),
    file('e/f'),
    directory('g'),
    file('g/f'),
  ]);
  const removed = await unpack([
    directory('d'),
    file('d/.wh.f'),
    directory('e'),
    file('e/.wh..wh..opq'),
    file('.wh.g'),
  ]);
  for (const link of ['d/f', 'e/f', 'g/f', 'never'])
    await assert.rejects(unpack([{ name: 'a', type: '1', link }], [removed, base]), { code: 'ERR_LAYER' });
});

test('unpackLayer() gives directories it does not describe what they have below', async () => {
  const base = await unpack([
    directory('d', { mode: 0o700, mtime: 1000 }),
    directory('d/e', { mode: 0o1777 }),
  ]);
  const layer = await unpack([file('d/e/f', 'x'), file('new/g')], [base]);
  const mode = (path: string) => lstatSync(join(layer, path)).mode & 0o7777;
  assert.deepEqual([mode('d'), mode('d/e'), mode('new')], [0o700, 0o1777, 0o755]);
  assert.equal(lstatSync(join(layer, 'd')).mtimeMs, 1000_000);
});

test('visibleLayers() leaves out what is below a layer that hides everything', async () => {
  const base = await unpack([file('a')]);
  const opaque = await unpack([file('.wh..wh..opq'), file('b')]);
  const above = await unpack([file('c')]);
  assert.deepEqual(visibleLayers([above, opaque, base]), [above, opaque]);
  assert.deepEqual(visibleLayers([above, base]), [above, base]);
  await assert.rejects(unpack([{ name: 'l', type: '1', link: 'a' }], [opaque, base]), { code: 'ERR_LAYER' });
});
