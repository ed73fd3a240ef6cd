import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../image/store/layout.ts';
import { listImages } from '../../image/store/lookup.ts';
import { imageTree } from '../../image/store/tree.ts';
import { openStore } from '../../image/store.ts';
import { checkStore } from '../unit/image/store/check-store.ts';
import { importFile } from '../unit/image/store/store-place.ts';
import { entry } from '../unit/image/tar-blocks.ts';
import { writeTestAci } from '../unit/image/test-aci.ts';
import { walkTree } from '../unit/image/tree-walk.ts';

const files = Array.from({ length: 30 }, (_, index) =>
  entry({ name: `rootfs/d${index % 5}/f${index}` }, Buffer.alloc(20_000, String(index))),
);

interface Mounted extends Disposable {
  readonly top: string;
  /** Where file systems come and go. */
  readonly data: string;
  readonly aci: string;
}

async function prepare(): Promise<Mounted> {
  const top = mkdtempSync(join(tmpdir(), 'tsrkt-full-'));
  const [data, aci] = [join(top, 'data'), join(top, 'a.aci')];
  mkdirSync(data);
  await writeTestAci(aci, { files, compression: 'none' });
  return { top, data, aci, [Symbol.dispose]: () => rmSync(top, { recursive: true }) };
}

function mount(data: string, options: string): Disposable {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', data]);
  return { [Symbol.dispose]: () => void execFileSync('umount', [data]) };
}

async function expectedTree({ top, aci }: Mounted): Promise<readonly string[]> {
  const store = openStore(join(top, 'enough'));
  const { id } = await importFile(store, aci);
  return await walkTree((await imageTree(store, id)).path);
}

// A full file system makes every step of an import fail in its turn: the first that needs one more page or inode.
for (const [what, sizes] of [
  ['space', Array.from({ length: 18 }, (_, index) => `size=${64 + index * 90}k`)],
  ['inodes', Array.from({ length: 60 }, (_, index) => `nr_inodes=${6 + index}`)],
] as const)
  test(`importAci() on a file system without ${what} fails in one sentence and leaves nothing, at any step`, async () => {
    using place = await prepare();
    const expected = await expectedTree(place);
    const outcomes = new Set<string>();
    for (const options of sizes) {
      using _mounted = mount(place.data, options);
      const store = openOrSay(place.data);
      if (store === undefined) continue;
      try {
        await importFile(store, place.aci);
        outcomes.add('imported');
      } catch (error) {
        assert.match(
          (error as Error).message,
          /^import "[^"]*a\.aci": .*ENOSPC \(No space left on device\)$/,
        );
        outcomes.add('full');
        assert.deepEqual(readdirSync(temporaryDirectory(store)), []);
        assert.equal(listImages(store).images.length, 0);
      }
      await checkStore(store, expected);
    }
    assert.deepEqual([...outcomes].sort(), ['full', 'imported']);
  });

function openOrSay(data: string) {
  try {
    return openStore(data);
  } catch (error) {
    assert.match(
      (error as Error).message,
      /^open image store in "[^"]*data": mkdir: ENOSPC \(No space left on device\)$/,
    );
    return undefined;
  }
}

test('openStore() reads a store on a read-only file system, and importAci() refuses to write to it', async () => {
  using place = await prepare();
  using _mounted = mount(place.data, 'size=8m');
  const { id } = await importFile(openStore(place.data), place.aci);
  execFileSync('mount', ['-o', 'remount,ro', place.data]);
  const store = openStore(place.data);
  assert.equal(listImages(store).images[0]?.id, id);
  assert.ok((await imageTree(store, id)).path.endsWith('rootfs'));
  await assert.rejects(
    importFile(store, place.aci),
    /import "[^"]*a\.aci": mkdir: EROFS \(Read-only file system\)$/,
  );
});
