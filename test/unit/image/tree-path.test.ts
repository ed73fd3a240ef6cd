import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  leafName,
  parentPath,
  parseTreePath,
  pathBelow,
  showTreePath,
  type TreePath,
  treePathBytes,
} from '../../../image/tree-path.ts';

const good: Readonly<Record<string, string>> = {
  a: 'a',
  'a/b': 'a/b',
  './a//b/./c/': 'a/b/c',
  '.': '',
  './': '',
  '...': '...',
  'a/..b': 'a/..b',
  ['x'.repeat(255)]: 'x'.repeat(255),
};
const bad: Readonly<Record<string, string>> = {
  '/a': 'is absolute',
  '/': 'is absolute',
  '/.': 'is absolute',
  '..': 'contains ".."',
  'a/../b': 'contains ".."',
  'a/..': 'contains ".."',
  [`a/${'x'.repeat(256)}`]: 'has a component longer than 255 bytes',
};

test('parseTreePath() makes names normal', () => {
  for (const [name, path] of Object.entries(good))
    assert.deepEqual(parseTreePath(Buffer.from(name)), { path });
});

test('parseTreePath() says what is wrong with names that lead elsewhere', () => {
  for (const [name, problem] of Object.entries(bad))
    assert.deepEqual(parseTreePath(Buffer.from(name)), { problem });
});

test('parseTreePath() keeps bytes that are not UTF-8', () => {
  const parsed = parseTreePath(Buffer.from([0xff, 0x2f, 0xfe]));
  assert.ok('path' in parsed);
  assert.deepEqual(treePathBytes(parsed.path), Buffer.from([0xff, 0x2f, 0xfe, 0]));
});

test('parentPath(), leafName() and pathBelow() take paths apart', () => {
  const path = 'a/b/c' as TreePath;
  assert.deepEqual([parentPath(path), leafName(path)], ['a/b', 'c']);
  assert.deepEqual([parentPath('a' as TreePath), leafName('a' as TreePath)], ['', 'a']);
  assert.equal(pathBelow(path, 'a/b' as TreePath), 'c');
  assert.equal(pathBelow(path, path), '');
  assert.equal(pathBelow(path, 'a/bc' as TreePath), undefined);
  assert.equal(pathBelow('ab' as TreePath, 'a' as TreePath), undefined);
});

test('showTreePath() is safe to print', () => {
  assert.equal(showTreePath('a\nb' as TreePath), '"a\\nb"');
  assert.equal(showTreePath('' as TreePath), '"."');
});
