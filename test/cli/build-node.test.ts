import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram, temporaryDirectory } from './executable.ts';
import { makeBox, NO_PODS } from './pod-image.ts';

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

test('a pod is made, run and removed on plain Node', { skip: NO_PODS }, async () => {
  using directory = temporaryDirectory();
  const [emitted, aci] = [join(directory.path, 'js'), join(directory.path, 'a.aci')];
  mkdirSync(emitted);
  emitJavaScript(emitted);
  await makeBox(join(directory.path, 'rootfs'), aci);
  const stage1 = join(directory.path, 'stage1');
  writeFileSync(stage1, `#!/bin/sh\nexec node ${join(emitted, 'stage1/main.js')} "$@"\n`, { mode: 0o755 });
  const data = join(directory.path, 'data');
  const tsrkt = (...args: string[]) =>
    runProgram('node', [join(emitted, 'cmd/tsrkt/main.js'), `--dir=${data}`, ...args]);
  const run = (...args: string[]) =>
    tsrkt('run', '--insecure-options=image', '--net=none', `--stage1-path=${stage1}`, ...args);

  for (let count = 0; count < 3; count++) {
    const { status, stdout, stderr } = run(aci, '--', 'echo from a pod; sleep 0.3; exit 7');
    assert.deepEqual([status, stdout], [7, 'from a pod\n'], stderr);
  }
  assert.equal(tsrkt('gc', '--grace-period=0s').status, 0);
  assert.equal(tsrkt('list', '--no-legend').stdout, '');
  assert.match(run('--dry-run', aci, '--', 'true').stdout, /pivot_root/);
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
