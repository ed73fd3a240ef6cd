import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readArchive } from '../../../../image/archive.ts';
import { beginExtraction } from '../../../../image/extract.ts';
import { removeTree } from '../../../../image/store/remove-tree.ts';
import { parseTreePath } from '../../../../image/tree-path.ts';
import { archive, entry, inChunks, pax } from '../tar-blocks.ts';

test('removeTree() removes what an image can make through its own links: paths longer than any path may be', async () => {
  const top = mkdtempSync(join(tmpdir(), 'tsrkt-deep-'));
  const long = Array.from({ length: 9 }, () => 'd'.repeat(250)).join('/');
  const parts = ['a', 'b', 'c', 'd'].flatMap((name, index, all) => [
    pax({ path: `${all[index - 1] ?? '.'}/${long}` }),
    entry({ type: '5', mode: 0o755 }),
    pax({ linkpath: `${all[index - 1] ?? '.'}/${long}` }),
    entry({ name, type: '2', linkname: 'x' }),
  ]);
  const root = openSync(top, 'r');
  using extraction = beginExtraction(root, { privilege: 'user', duplicates: 'refuse' });
  for await (const each of readArchive(inChunks(archive(...parts)))) {
    const parsed = parseTreePath(each.path);
    assert.ok('path' in parsed);
    await extraction.add({ entry: each, path: parsed.path });
  }
  extraction.finish();
  closeSync(root);
  removeTree(top);
  assert.ok(!existsSync(top));
});

test('removeTree() removes a file, and minds nothing that is not there', () => {
  const top = mkdtempSync(join(tmpdir(), 'tsrkt-file-'));
  writeFileSync(join(top, 'file'), 'x');
  mkdirSync(join(top, 'closed'), { mode: 0 });
  removeTree(join(top, 'file'));
  removeTree(join(top, 'none'));
  removeTree(top);
  assert.ok(!existsSync(top));
});
