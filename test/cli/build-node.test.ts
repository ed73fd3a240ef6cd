import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram, temporaryDirectory } from './executable.ts';

const checkout = join(dist, '..');

test('the same sources, as JavaScript, run on plain Node', () => {
  using directory = temporaryDirectory();
  emitJavaScript(directory.path);
  const main = join(directory.path, 'cmd/tsrkt/main.js');
  const onNode = (...args: string[]) => runProgram('node', [main, ...args]);

  const version = onNode('version');
  assert.equal(version.status, 0, version.stderr);
  assert.match(version.stdout, /^tsrkt /i);

  const list = onNode(`--dir=${join(directory.path, 'data')}`, 'list');
  assert.equal(list.status, 0, list.stderr);
  assert.match(list.stdout, /^UUID\s+APP/);
});

/** What `tsc` makes of the sources, with the packages they import beside them. */
function emitJavaScript(outDir: string): void {
  const config = join(outDir, 'tsconfig.json');
  const rooms = ['cmd', 'stage0', 'stage1', 'image', 'trust', 'schema', 'linux'];
  const compilerOptions = {
    noEmit: false,
    outDir,
    rootDir: checkout,
    typeRoots: [join(checkout, 'node_modules/@types')],
  };
  const include = rooms.map((room) => join(checkout, room));
  writeFileSync(
    config,
    JSON.stringify({ extends: join(checkout, 'tsconfig.json'), compilerOptions, include }),
  );
  symlinkSync(join(checkout, 'node_modules'), join(outDir, 'node_modules'));
  writeFileSync(join(outDir, 'package.json'), '{"type":"module"}');
  const { status, stdout } = runProgram(join(checkout, 'node_modules/.bin/tsc'), ['-p', config]);
  assert.equal(status, 0, stdout);
}
