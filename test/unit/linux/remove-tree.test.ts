import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeTree } from '../../../linux/remove-tree.ts';

function directory(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tsrkt-remove-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test('removeTree() removes files, links, directories and names that are not UTF-8', () => {
  using base = directory();
  const tree = join(base.path, 'tree');
  mkdirSync(join(tree, 'a/b/c'), { recursive: true });
  mkdirSync(join(tree, 'x/b'), { recursive: true });
  writeFileSync(join(tree, 'a/b/file'), '');
  writeFileSync(join(tree, '.removed-0'), '');
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.of(0xff)]), '');
  symlinkSync('/etc', join(tree, 'a/etc'));
  symlinkSync('nowhere', join(tree, 'dangling'));
  removeTree(tree);
  assert.equal(existsSync(tree), false);
  assert.ok(existsSync('/etc/passwd'));
});

test('removeTree() of what is not there does nothing', () => {
  removeTree('/nowhere/at/all');
});

test('removeTree() removes a tree deeper than any path may be long', () => {
  using base = directory();
  const tree = join(base.path, 'tree');
  mkdirSync(tree);
  for (let depth = 0; depth < 3000; depth++) {
    // built from the inside out: what there is moves into a new directory
    const outer = join(base.path, 'outer');
    mkdirSync(outer);
    renameSync(tree, join(outer, 'abcdefgh'));
    renameSync(outer, tree);
  }
  removeTree(tree);
  assert.equal(existsSync(tree), false);
});

test('removeTree() removes directories that nobody may write', () => {
  using base = directory();
  const tree = join(base.path, 'tree');
  mkdirSync(join(tree, 'a/b'), { recursive: true });
  chmodSync(join(tree, 'a'), 0o500);
  chmodSync(tree, 0o500);
  removeTree(tree);
  assert.equal(existsSync(tree), false);
});

test('removeTree() does not follow a symbolic link given as the tree', () => {
  using base = directory();
  mkdirSync(join(base.path, 'kept'));
  symlinkSync('kept', join(base.path, 'link'));
  assert.throws(() => removeTree(join(base.path, 'link')));
  assert.ok(existsSync(join(base.path, 'kept')));
});

function canMakeImmutable(path: string): boolean {
  try {
    execFileSync('chattr', ['+i', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('removeTree() removes immutable files and directories', (t) => {
  using base = directory();
  const tree = join(base.path, 'tree');
  mkdirSync(join(tree, 'a/b'), { recursive: true });
  writeFileSync(join(tree, 'a/file'), '');
  if (!canMakeImmutable(join(tree, 'a/file')))
    return t.skip('no chattr, or a file system without immutable files');
  for (const path of ['a/b', 'a', '.']) execFileSync('chattr', ['+i', join(tree, path)]);
  removeTree(tree);
  assert.equal(existsSync(tree), false);
});
