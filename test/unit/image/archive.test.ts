import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArchiveError } from '../../../image/archive/error.ts';
import { readArchive } from '../../../image/archive.ts';
import { readAll, readNames } from './read-all.ts';
import { archive, endMark, entry, header, inChunks, padded, pax } from './tar-blocks.ts';

const file = entry({ name: 'a' }, 'hello');

test('readArchive() gives entries with their contents, in chunks of any size', async () => {
  const big = Buffer.alloc(3000, 'xyz');
  const bytes = archive(file, entry({ name: 'd/', type: '5' }), entry({ name: 'd/b', mode: 0o4755 }, big));
  for (const size of [1, 100, 512, 1 << 20]) {
    const entries = await readAll(bytes, size);
    assert.deepEqual(
      entries.map(({ path, type }) => [path.toString(), type]),
      [
        ['a', 'file'],
        ['d/', 'directory'],
        ['d/b', 'file'],
      ],
    );
    assert.equal(entries[0]?.content.toString(), 'hello');
    assert.ok(entries[2]?.content.equals(big));
    assert.equal(entries[2]?.mode, 0o4755);
  }
});

test('readArchive() skips what nobody reads', async () => {
  const names: string[] = [];
  for await (const each of readArchive(
    inChunks(archive(entry({ name: 'a' }, Buffer.alloc(9999)), file), 700),
  )) {
    names.push(each.path.toString());
    for await (const _ of each.pieces) break;
  }
  assert.deepEqual(names, ['a', 'a']);
});

test('readArchive() refuses a directory with content, where tar-stream hangs (defect 1)', async () => {
  const bytes = archive(entry({ name: 'd', type: '5' }, 'content'), file);
  await assert.rejects(readAll(bytes), /entry "d": a directory with content/);
  await assert.rejects(readAll(archive(entry({ name: 'd/' }, 'content'))), /a directory with content/);
});

test('readArchive() stops at the end mark, where tar-stream goes on (defect 2)', async () => {
  assert.deepEqual(await readNames(Buffer.concat([archive(file), entry({ name: 'after' }), endMark])), ['a']);
  assert.deepEqual(await readNames(Buffer.concat([file, Buffer.alloc(512), entry({ name: 'after' })])), [
    'a',
  ]);
});

test('readArchive() takes all bytes after the end mark, so that a hash over them is one over the file', async () => {
  let taken = 0;
  async function* chunks() {
    for await (const chunk of inChunks(Buffer.concat([archive(file), Buffer.alloc(5000, 'x')]), 700)) {
      taken += chunk.length;
      yield chunk;
    }
  }
  for await (const _ of readArchive(chunks()));
  assert.equal(taken, 1024 + 1024 + 5000);
});

for (const [type, what] of [
  ['1', 'link'],
  ['2', 'symlink'],
  ['3', 'character-device'],
  ['6', 'fifo'],
] as const)
  test(`readArchive() refuses a ${what} with content, which readers see differently (defect 3)`, async () => {
    const bytes = archive(entry({ name: 'l', type, linkname: 'a' }, header({ name: 'hidden' })), file);
    await assert.rejects(readAll(bytes), new RegExp(`entry "l": a ${what} with content`));
  });

test('readArchive() keeps pax values as bytes, where tar-stream decodes them (defect 4)', async () => {
  const value = Buffer.from([1, 0, 0, 2, 0x80, 0xff, 0, 0x0a]);
  const bytes = archive(
    pax({ 'SCHILY.xattr.security.capability': value, 'SCHILY.xattr.user.empty': '' }),
    file,
  );
  const [read] = await readAll(bytes);
  assert.deepEqual(
    read?.xattrs,
    new Map([
      ['security.capability', value],
      ['user.empty', Buffer.alloc(0)],
    ]),
  );
});

test('readArchive() keeps names that are not UTF-8, where tar-stream replaces them (defect 4)', async () => {
  const name = Buffer.from([0x66, 0xff, 0x80]);
  const long = Buffer.alloc(150, 0xfe);
  const entries = await readAll(
    archive(
      entry({ name }),
      pax({ path: name, linkpath: long }),
      entry({ name: 'x', type: '2', linkname: 'y' }),
      entry({ name: '././@LongLink', type: 'L' }, Buffer.concat([long, Buffer.of(0)])),
      entry({ name: 'cut' }),
    ),
  );
  assert.deepEqual(
    entries.map(({ path }) => path),
    [name, name, long],
  );
  assert.deepEqual(entries[1]?.linkTarget, long);
});

test('readArchive() refuses NUL in a name, which tar-stream keeps (defect 5)', async () => {
  await assert.rejects(readAll(archive(pax({ path: 'a\0b' }), file)), /a name that contains NUL/);
  await assert.rejects(
    readAll(archive(pax({ linkpath: 'a\0b' }), entry({ type: '2', linkname: 'x' }))),
    /NUL/,
  );
});

test('readArchive() refuses a negative size, which tar-stream reads as 0 (defect 5)', async () => {
  for (const sizeField of [Buffer.alloc(12, 0xff), Buffer.from('fffffffffffffffffffffe00', 'hex')])
    await assert.rejects(readAll(archive(header({ sizeField }), file)), ArchiveError);
  await assert.rejects(
    readAll(archive(header({ type: 'x', sizeField: Buffer.alloc(12, 0xff) }), file)),
    ArchiveError,
  );
});

test('readArchive() refuses an archive that ends too early, wherever (defect 5)', async () => {
  const bytes = Buffer.concat([
    pax({ path: 'long' }),
    entry({ name: 'a' }, Buffer.alloc(700)),
    Buffer.alloc(512),
  ]);
  for (let length = 0; length < bytes.length; length += 97)
    await assert.rejects(readAll(bytes.subarray(0, length)), /archive: ends too early/, `${length} bytes`);
  assert.deepEqual(await readNames(bytes), ['long']);
});

test('readArchive() takes owner and time from pax, which tar-stream does not (defect 6)', async () => {
  const [read] = await readAll(
    archive(pax({ uid: '3000000000', gid: '2097152', mtime: '1700000000.123456789' }), file),
  );
  assert.deepEqual([read?.uid, read?.gid, read?.mtime], [3000000000, 2097152, 1700000000123456789n]);
  const [before1970] = await readAll(archive(pax({ mtime: '-1.5' }), file));
  assert.equal(before1970?.mtime, -1500000000n);
});

test('readArchive() reads v7 archives and fills sparse files, which tar-stream does not (defect 7)', async () => {
  const [old] = await readAll(archive(entry({ name: 'old', magic: '' }, 'v7')));
  assert.equal(old?.content.toString(), 'v7');
  const number = (value: number) => value.toString(8).padStart(11, '0');
  const extent = (at: number, offset: number, length: number) =>
    [
      [at, number(offset)],
      [at + 12, number(length)],
    ] as const;
  const extension = Buffer.alloc(512);
  extension.write(number(4096), 0);
  extension.write(number(3), 12);
  const sparse = Buffer.concat([
    header({
      name: 's',
      type: 'S',
      size: 8,
      magic: 'ustar  \0',
      patches: [...extent(386, 0, 5), [482, '\x01'], [483, number(5000)]],
    }),
    extension,
    padded('12345678'),
  ]);
  const entries = await readAll(archive(sparse, file));
  const expected = Buffer.alloc(5000);
  expected.write('12345', 0);
  expected.write('678', 4096);
  assert.ok(entries[0]?.content.equals(expected));
  assert.equal(entries[1]?.content.toString(), 'hello');
});

test('readArchive() refuses types it does not know, by name', async () => {
  for (const type of ['V', 'M', 'D', 'N', 'X', 'A', '\xff'])
    await assert.rejects(
      readAll(archive(entry({ name: 'v', type }))),
      /entry "v": a type that is not supported/,
    );
});

test('readArchive() lets a pax header win over a global one, for one entry', async () => {
  const bytes = archive(
    pax({ uid: '7', mtime: '9' }, 'g'),
    pax({ uid: '8' }),
    file,
    file,
    pax({ uid: '' }),
    file,
  );
  const entries = await readAll(bytes);
  assert.deepEqual(
    entries.map(({ uid }) => uid),
    [8, 7, 0],
  );
  assert.equal(entries[2]?.mtime, 9_000_000_000n);
});

const bad: Readonly<Record<string, Buffer>> = {
  'a wrong checksum': archive(Buffer.from(file).fill('b', 0, 1)),
  'a wrong checksum in a pax header': archive(Buffer.from(pax({ path: 'x' })).fill('b', 0, 1), file),
  'a block that is blank but for its checksum': archive(Buffer.alloc(512).fill('1', 148, 150), file),
  'an end mark after a pax header': archive(pax({ path: 'x' })),
  'a pax record without =': archive(entry({ type: 'x' }, '6 abc\n'), file),
  'a pax record whose length is too large': archive(entry({ type: 'x' }, '99 path=x\n'), file),
  'a pax record whose length is not a number': archive(entry({ type: 'x' }, 'xx path=x\n'), file),
  'a pax record with a length of zero': archive(entry({ type: 'x' }, '0 path=x\n'), file),
  'a pax record without a keyword': archive(entry({ type: 'x' }, '5 =x\n'), file),
  'a pax size that is not a number': archive(pax({ size: '5x' }), file),
  'a pax size too large for anything': archive(pax({ size: '99999999999999999999' }), file),
  'an owner out of range': archive(pax({ uid: '4294967295' }), file),
  'a time that is not one': archive(pax({ mtime: 'now' }), file),
  'digits that are not octal': archive(header({ sizeField: Buffer.from('00000000009\0') })),
  'a symlink that points nowhere': archive(entry({ type: '2' })),
  'an entry without a name': archive(entry({ name: '' })),
  'a name longer than a path can be': archive(pax({ path: 'x'.repeat(4097) }), file),
  'a pax header that is too large': archive(entry({ type: 'x', size: 2 ** 21 }), file),
  'a GNU long name that is too large': archive(entry({ type: 'L', size: 2 ** 21 }), file),
  'a pax header without content, after which tar-stream hangs': archive(entry({ type: 'x' }), file),
  'a GNU long name without content': archive(entry({ type: 'L' }), file),
  'more global attributes than anybody needs': archive(
    pax(Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, 'x'])), 'g'),
    file,
  ),
  'headers without end': archive(...Array.from({ length: 20 }, () => pax({ path: 'x' })), file),
  'a sparse map that overlaps': archive(pax({ 'GNU.sparse.size': '9', 'GNU.sparse.map': '0,3,2,2' }), file),
  'a sparse map that leaves the file': archive(
    pax({ 'GNU.sparse.size': '9', 'GNU.sparse.map': '5,5' }),
    file,
  ),
  'a sparse map of other content': archive(pax({ 'GNU.sparse.size': '9', 'GNU.sparse.map': '0,4' }), file),
  'a sparse map with an odd number': archive(
    pax({ 'GNU.sparse.size': '9', 'GNU.sparse.map': '0,5,9' }),
    file,
  ),
  'a sparse file without a size': archive(pax({ 'GNU.sparse.map': '0,5' }), file),
  'a sparse map in the body that is none': archive(
    pax({ 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '9' }),
    entry({}, 'x'.repeat(3000)),
  ),
  'a sparse map in the body that goes on and on': archive(
    pax({ 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '9' }),
    entry({}, '999999999\n0\n'),
  ),
  'not a tar archive': Buffer.alloc(4096, 'text '),
};

for (const [what, bytes] of Object.entries(bad))
  test(`readArchive() refuses ${what}`, async () => {
    await assert.rejects(
      readAll(bytes),
      (error) => error instanceof ArchiveError && !error.message.includes('\n'),
    );
  });

test('readArchive() stops at the most entries allowed', async () => {
  const chunks = inChunks(archive(file, file, file));
  const limits = { entries: 2, extendedHeader: 1000 };
  await assert.rejects(async () => {
    for await (const _ of readArchive(chunks, limits));
  }, /more than 2 entries/);
});

test('readArchive() lets go of its source when its reader stops', async () => {
  let isClosed = false;
  async function* chunks() {
    try {
      yield* inChunks(archive(file, file), 100);
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of readArchive(chunks())) break;
  assert.ok(isClosed);
});
