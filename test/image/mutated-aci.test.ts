import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compress } from '../../image/compress.ts';
import { compressions } from '../../image/compression.ts';
import { removeTree } from '../../image/store/remove-tree.ts';
import { unpackAci } from '../../image/unpack-aci.ts';
import { archive, entry, inChunks, padded, pax } from '../unit/image/tar-blocks.ts';
import { manifestOf } from '../unit/image/test-aci.ts';
import { walkTree } from '../unit/image/tree-walk.ts';
import { mutateArchive, seededRandom } from './mutation.ts';

const sparseContent = Buffer.concat([padded('1\n4000\n5\n'), Buffer.from('abcde')]);

const original = archive(
  entry({ name: 'manifest' }, manifestOf({})),
  entry({ name: 'rootfs/', type: '5' }),
  entry({ name: 'rootfs/file' }, Buffer.alloc(1200, 'x')),
  entry({ name: 'rootfs/up', type: '2', linkname: '../outside' }),
  entry({ name: 'rootfs/hard', type: '1', linkname: 'rootfs/file' }),
  pax({ path: `rootfs/${'long'.repeat(40)}`, mtime: '1.5', 'SCHILY.xattr.user.a': 'b' }),
  entry({ name: 'short' }, 'y'),
  entry({ name: '././@LongLink', type: 'L' }, `rootfs/${'gnu'.repeat(40)}\0`),
  entry({ name: 'gnu' }),
  pax({ 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '5000', 'GNU.sparse.name': 'rootfs/sparse' }),
  entry({ name: 'GNUSparseFile.0/sparse' }, sparseContent),
  entry({ name: 'rootfs/fifo', type: '6' }),
  entry({ name: 'rootfs/null', type: '3', major: 1, minor: 3 }),
);

const ROUNDS = 600;

test('unpackAci() meets damaged archives with an expected error or a tree, in bounded time and memory', {
  timeout: 120_000,
}, async () => {
  const top = mkdtempSync(join(tmpdir(), 'tsrkt-mutation-'));
  try {
    mkdirSync(join(top, 'outside'));
    writeFileSync(join(top, 'outside/secret'), 'secret');
    const before = await walkTree(join(top, 'outside'));
    await unpackOne(top, original);
    const random = seededRandom(20_261_125);
    let unpacked = 0;
    const memory = process.memoryUsage().rss;
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      if (await unpackOne(top, mutateArchive(original, random), `round ${round}`)) unpacked++;
      assert.ok(performance.now() - start < 3000, `round ${round} takes too long`);
      if (round % 100 === 0) assert.deepEqual(await walkTree(join(top, 'outside')), before);
    }
    assert.deepEqual(await walkTree(join(top, 'outside')), before);
    assert.ok(unpacked > 10 && unpacked < ROUNDS - 10, `${unpacked} of ${ROUNDS} could be unpacked`);
    assert.ok(process.memoryUsage().rss - memory < 200e6, 'memory grew');
  } finally {
    removeTree(top);
  }
});

for (const compression of compressions.filter((each) => each !== 'none'))
  test(`unpackAci() meets damaged ${compression} files with an expected error or a tree`, {
    timeout: 60_000,
  }, async () => {
    const top = mkdtempSync(join(tmpdir(), 'tsrkt-mutation-'));
    const random = seededRandom(7);
    const parts: Buffer[] = [];
    for await (const chunk of compress(inChunks(original), compression)) parts.push(chunk);
    try {
      for (let round = 0; round < 60; round++)
        await unpackOne(top, damage(Buffer.concat(parts), random), `${compression}, round ${round}`);
    } finally {
      removeTree(top);
    }
  });

function damage(bytes: Buffer, random: (below: number) => number): Buffer {
  for (let count = 1 + random(3); count > 0; count--) bytes.writeUInt8(random(256), random(bytes.length));
  return random(5) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

/** Whether it could be unpacked; an error must be one that we expect. */
async function unpackOne(top: string, bytes: Buffer, what = 'the original'): Promise<boolean> {
  const root = join(top, 'root');
  mkdirSync(root);
  try {
    await unpackAci(inChunks(bytes, 4096), root, 'user');
    return true;
  } catch (error) {
    assert.equal(
      typeof (error as NodeJS.ErrnoException).code,
      'string',
      `${what}: ${(error as Error).stack}`,
    );
    return false;
  } finally {
    removeTree(root);
  }
}
