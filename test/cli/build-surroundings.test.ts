import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram, temporaryDirectory, traceProgram } from './executable.ts';

const programs = ['tsrkt', 'stage1'];

/** Files that a Bun program reads from its current directory unless it was built not to. MARK is what they would create. */
const hostileFiles: Record<string, string> = {
  'bunfig.toml': 'preload = ["./hostile.js"]\n[run]\npreload = ["./hostile.js"]\n',
  '.env': 'BUN_OPTIONS="--preload ./hostile.js"\nNODE_OPTIONS="--require ./hostile.js"\nHOSTILE=yes\n',
  '.env.local': 'HOSTILE=yes\n',
  '.env.production': 'HOSTILE=yes\n',
  'tsconfig.json': '{"compilerOptions":{"paths":{"*":["./hostile.js"]}}}',
  'package.json': '{"type":"commonjs","imports":{"#x":"./hostile.js"},"main":"./hostile.js"}',
  'hostile.js': "require('node:fs').writeFileSync('MARK', '')",
  'node_modules/hostile/index.js': "require('node:fs').writeFileSync('MARK', '')",
  'node_modules/ffi-rs/index.js': "require('node:fs').writeFileSync('MARK', '')",
  'node_modules/@yuuang/ffi-rs-linux-x64-gnu/index.js': "require('node:fs').writeFileSync('MARK', '')",
  'node_modules/yargs/index.js': "require('node:fs').writeFileSync('MARK', '')",
};

for (const program of programs) {
  test(`${program} reads nothing from the current directory`, () => {
    using directory = hostileDirectory();
    const { calls } = traceProgram(join(dist, program), ['version'], { cwd: directory.path });
    const names = /"[^"]*(bunfig|\.env|tsconfig|package\.json|hostile|node_modules|bun\.lock)[^"]*"/;
    assert.deepEqual(
      calls.filter((call) => names.test(call)),
      [],
    );
    assert.equal(existsSync(join(directory.path, 'MARK')), false);
  });

  test(`${program} says the same in a hostile directory as in an empty one`, () => {
    using hostile = hostileDirectory();
    using empty = temporaryDirectory();
    const [there, here] = [hostile, empty].map(({ path }) =>
      runProgram(join(dist, program), ['version'], {
        cwd: path,
        env: { NODE_PATH: join(hostile.path, 'node_modules') },
      }),
    );
    assert.deepEqual(there, here);
    assert.equal(existsSync(join(hostile.path, 'MARK')), false);
  });
}

function hostileDirectory() {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(hostileFiles)) {
    const file = join(directory.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replace('MARK', join(directory.path, 'MARK')));
  }
  return directory;
}
