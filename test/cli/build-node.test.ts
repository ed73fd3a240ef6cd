import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeImage } from '../bench/image.ts';
import { makeRootfs } from '../bench/rootfs.ts';
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

test('a pod is made on plain Node', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
  using directory = temporaryDirectory();
  const [emitted, rootfs, aci] = [
    join(directory.path, 'js'),
    join(directory.path, 'rootfs'),
    join(directory.path, 'a.aci'),
  ];
  mkdirSync(emitted);
  emitJavaScript(emitted);
  makeRootfs(rootfs);
  await makeImage(rootfs, aci);
  const engine = [join(emitted, 'cmd/tsrkt/main.js'), `--dir=${join(directory.path, 'data')}`];
  const run = ['run', '--insecure-options=image', '--net=none'];
  const app = [aci, '--exec=/bin/sh', '--', '-c', 'echo from a pod; exit 7'];

  const stage1 = join(dist, 'stage1');
  const pod = runProgram('node', [...engine, ...run, `--stage1-path=${stage1}`, ...app]);
  assert.deepEqual(
    { status: pod.status, stdout: pod.stdout },
    { status: 7, stdout: 'from a pod\n' },
    pod.stderr,
  );
  assert.equal(runProgram('node', [...engine, 'gc', '--grace-period=0s']).status, 0);

  const onNode = join(directory.path, 'stage1');
  writeFileSync(onNode, `#!/bin/sh\nexec node ${join(emitted, 'stage1/main.js')} "$@"\n`, { mode: 0o755 });
  const plan = runProgram('node', [...engine, ...run, '--dry-run', `--stage1-path=${onNode}`, ...app]);
  assert.equal(plan.status, 0, plan.stderr);
  assert.match(plan.stdout, /pivot_root/);
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
