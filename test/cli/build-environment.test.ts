import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram, temporaryDirectory, traceProgram } from './executable.ts';

/** Variables with which a plain Bun executable runs the code in FILE, or could. */
const variables: Record<string, string> = {
  BUN_BE_BUN: '1',
  BUN_OPTIONS: '--preload FILE',
  NODE_OPTIONS: '--require FILE',
};

for (const program of ['tsrkt', 'stage1']) {
  for (const [name, value] of Object.entries(variables)) {
    test(`${program} is deaf to ${name}`, () => {
      using directory = temporaryDirectory();
      const [file, mark] = [join(directory.path, 'code.cjs'), join(directory.path, 'mark')];
      writeFileSync(file, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`);
      const env = { [name]: value.replace('FILE', file) };
      const plain = runProgram(join(dist, program), ['version'], { cwd: directory.path });
      assert.deepEqual(runProgram(join(dist, program), ['version'], { cwd: directory.path, env }), plain);
      assert.equal(existsSync(mark), false);
    });
  }

  test(`${program} opens no debugger for BUN_INSPECT`, () => {
    using directory = temporaryDirectory();
    const env = { BUN_INSPECT: `unix://${join(directory.path, 'socket')}` };
    const { calls } = traceProgram(join(dist, program), ['version'], { env });
    assert.deepEqual(
      calls.filter((call) => /^\d+ +(bind|connect|listen)\(/.test(call)),
      [],
    );
  });

  test(`${program} does not have its functions replaced by BUN_JSC_functionOverrides`, () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, 'overrides');
    writeFileSync(file, '');
    const env = { BUN_JSC_functionOverrides: file };
    const { calls, status } = traceProgram(join(dist, program), ['version'], { env });
    assert.deepEqual(
      calls.filter((call) => call.includes(`openat(AT_FDCWD, "${file}"`)),
      [],
    );
    assert.notEqual(status, 0);
  });
}
