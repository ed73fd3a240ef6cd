import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPathsConfig } from '../../../../stage0/config/paths.ts';
import { dataDirectory } from '../pods-on-disk.ts';

function configure(root: string, layer: string, files: Record<string, object | string>): string {
  const directory = join(root, layer);
  mkdirSync(join(directory, 'paths.d'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const text =
      typeof content === 'string'
        ? content
        : JSON.stringify({ rktKind: 'paths', rktVersion: 'v1', ...content });
    writeFileSync(join(directory, 'paths.d', name), text);
  }
  return directory;
}

test('loadPathsConfig() of directories that are not there says nothing', () => {
  assert.deepEqual(loadPathsConfig(['/nowhere/a', '/nowhere/b']), {});
});

test('loadPathsConfig() lets a later directory replace what an earlier one says, key by key', () => {
  using data = dataDirectory();
  const system = configure(data.path, 'system', { 'a.json': { data: '/a', 'stage1-images': '/s' } });
  const local = configure(data.path, 'local', { 'b.json': { data: '/b' } });
  assert.deepEqual(loadPathsConfig([system, local]), { data: '/b', 'stage1-images': '/s' });
});

test('loadPathsConfig() reads regular files called *.json alone', () => {
  using data = dataDirectory();
  const local = configure(data.path, 'local', { README: 'x', 'a.json.bak': 'x' });
  mkdirSync(join(local, 'paths.d/b.json'));
  symlinkSync('README', join(local, 'paths.d/c.json'));
  assert.deepEqual(loadPathsConfig([local]), {});
});

const bad: readonly [string, Record<string, object | string>, RegExp][] = [
  ['another kind', { 'a.json': { rktKind: 'auth' } }, /a\.json: rktKind: expected "paths", got "auth"$/],
  ['another version', { 'a.json': { rktVersion: 'v2' } }, /a\.json: rktVersion: expected "v1", got "v2"$/],
  ['a relative path', { 'a.json': { data: 'x' } }, /a\.json: data: expected an absolute path, got "x"$/],
  ['no JSON', { 'a.json': 'x' }, /a\.json: not JSON at line 1, column 1/],
  [
    'a path given twice',
    { 'a.json': { data: '/x' }, 'b.json': { data: '/y' } },
    /^read .*b\.json: data is already specified in the same directory$/,
  ],
];

for (const [what, files, message] of bad)
  test(`loadPathsConfig() names the file with ${what}`, () => {
    using data = dataDirectory();
    const local = configure(data.path, 'local', files);
    assert.throws(() => loadPathsConfig([local]), { message });
  });
