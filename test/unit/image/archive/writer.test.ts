import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { ArchiveEntry, EntryHeader, Piece } from '../../../../image/archive/entry.ts';
import { writeArchive } from '../../../../image/archive.ts';
import { type ReadEntry, readAll } from '../read-all.ts';

const plain: EntryHeader = {
  path: Buffer.from('a'),
  type: 'file',
  linkTarget: Buffer.alloc(0),
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 1_700_000_000_000_000_000n,
  major: 0,
  minor: 0,
  size: 0,
  xattrs: new Map(),
};

const headers: readonly EntryHeader[] = [
  plain,
  { ...plain, path: Buffer.from('mode-0'), mode: 0 },
  { ...plain, path: Buffer.from('setuid'), mode: 0o6755, uid: 1000, gid: 1001 },
  { ...plain, path: Buffer.from('owners'), uid: 3_000_000_000, gid: 2_097_152 },
  { ...plain, path: Buffer.from('nanoseconds'), mtime: 1_700_000_000_123_456_789n },
  { ...plain, path: Buffer.from('2038'), mtime: 4_000_000_000_000_000_000n },
  { ...plain, path: Buffer.from('1969'), mtime: -1_500_000_000n },
  { ...plain, path: Buffer.alloc(100, 'n') },
  { ...plain, path: Buffer.alloc(101, 'n') },
  { ...plain, path: Buffer.from(`${'d/'.repeat(100)}deep`) },
  { ...plain, path: Buffer.alloc(300, 0xff) },
  { ...plain, path: Buffer.from('dir/'), type: 'directory' },
  { ...plain, path: Buffer.from('link'), type: 'link', linkTarget: Buffer.from('a') },
  { ...plain, path: Buffer.from('symlink'), type: 'symlink', linkTarget: Buffer.alloc(200, 'é') },
  { ...plain, path: Buffer.from('null'), type: 'character-device', major: 1, minor: 3 },
  { ...plain, path: Buffer.from('disk'), type: 'block-device', major: 4095, minor: 70000 },
  { ...plain, path: Buffer.from('fifo'), type: 'fifo' },
  {
    ...plain,
    path: Buffer.from('xattrs'),
    xattrs: new Map([
      ['user.binary', Buffer.from([0, 0xff, 0x80, 10])],
      ['user.empty', Buffer.alloc(0)],
    ]),
  },
];

test('writeArchive() writes what readArchive() reads, whatever the header says', async () => {
  const read = await readAll(await write(headers.map((header) => withPieces(header))));
  assert.deepEqual(read.map(headerOf), headers);
});

test('writeArchive() writes contents of any size, and fills holes', async () => {
  const sizes = [0, 1, 511, 512, 513, 3_000_000];
  const entries = sizes.map((size) =>
    withPieces({ ...plain, size }, [{ position: 0, bytes: Buffer.alloc(size, 'c') }]),
  );
  const hole = withPieces({ ...plain, size: 200_000 }, [{ position: 100_000, bytes: Buffer.from('middle') }]);
  const read = await readAll(await write([...entries, hole]));
  assert.deepEqual(
    read.map(({ content }) => content.length),
    [...sizes, 200_000],
  );
  assert.ok(read[5]?.content.equals(Buffer.alloc(3_000_000, 'c')));
  assert.equal(read[6]?.content.toString('latin1', 99_998, 100_008), '\0\0middle\0\0');
});

test('writeArchive() writes what GNU tar reads', async () => {
  const bytes = await write(headers.map((header) => withPieces(header)));
  const listing = execFileSync('tar', ['--numeric-owner', '-tvf', '-'], { input: bytes, encoding: 'latin1' });
  assert.equal(listing.trim().split('\n').length, headers.length);
  assert.match(listing, /3000000000\/2097152 .* owners/);
  assert.match(listing, /^brw.* 4095,70000 .* disk$/m);
});

test('writeArchive() gives the same bytes for the same entries', async () => {
  const [one, two] = [
    await write(headers.map((h) => withPieces(h))),
    await write(headers.map((h) => withPieces(h))),
  ];
  assert.ok(one.equals(two));
});

test('writeArchive() refuses a file that is not as large as it said', async () => {
  for (const length of [3, 5]) {
    const entry = withPieces({ ...plain, size: 4 }, [{ position: 0, bytes: Buffer.alloc(length) }]);
    if (length === 5) await assert.rejects(write([entry]), /grew while it was read|Size mismatch/);
    else assert.equal((await readAll(await write([entry])))[0]?.content.length, 4);
  }
});

test('writeArchive() gives an error of an entry to its reader', async () => {
  async function* failing(): AsyncGenerator<Piece> {
    yield { position: 0, bytes: Buffer.from('x') };
    throw new Error('disk on fire');
  }
  await assert.rejects(write([{ ...plain, size: 9, pieces: failing() }]), /disk on fire/);
});

function withPieces(header: EntryHeader, pieces: readonly Piece[] = []): ArchiveEntry {
  async function* all(): AsyncGenerator<Piece> {
    yield* pieces;
  }
  return { ...header, pieces: all() };
}

function headerOf({ content: _, ...header }: ReadEntry): EntryHeader {
  return header;
}

async function write(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  async function* all(): AsyncGenerator<ArchiveEntry> {
    yield* entries;
  }
  const parts: Buffer[] = [];
  for await (const chunk of writeArchive(all())) parts.push(chunk);
  return Buffer.concat(parts);
}
