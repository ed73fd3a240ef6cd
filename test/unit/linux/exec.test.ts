import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packVectors } from '../../../linux/exec.ts';
import { signalMask, UNBLOCKABLE } from '../../../linux/signal.ts';

const linux = join(import.meta.dirname, '../../../linux');

function run(script: string) {
  const imports = `import { execve } from '${linux}/exec.ts'; import { blockSignals } from '${linux}/signal.ts';`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', `${imports}${script}`], {
    encoding: 'utf8',
  });
}

test('packVectors() lays out NULL-terminated vectors of pointers, then the strings', () => {
  const { bytes, addresses } = packVectors(0x1000, [['a', 'bc'], []]);
  assert.deepEqual(addresses, [0x1000, 0x1018]);
  assert.equal(bytes.readBigUInt64LE(0), 0x1020n);
  assert.equal(bytes.readBigUInt64LE(8), 0x1022n);
  assert.equal(bytes.readBigUInt64LE(16), 0n);
  assert.equal(bytes.readBigUInt64LE(24), 0n);
  assert.equal(bytes.toString('latin1', 32), 'a\0bc\0');
});

test('execve() replaces the process, and hands over arguments, environment and stdio', () => {
  const { status, stdout } = run(
    `execve({ path: '/bin/sh', argv: ['name', '-c', 'echo "$0 $1 $X $$"; exit 7', 'a b', 'ü'], env: ['X=y=z'] });`,
  );
  assert.match(stdout, /^a b ü y=z \d+\n$/);
  assert.equal(status, 7);
});

test('execve() of what is not there throws ENOENT and names it', () => {
  const { stdout } = run(
    `try { execve({ path: '/nowhere', argv: [], env: [] }); } catch (error) { console.log(error.code, error.message); }`,
  );
  assert.match(stdout, /^ENOENT execute "\/nowhere": ENOENT \(No such file or directory\)\n$/);
});

test('blockSignals() blocks every signal but the synchronous ones, across execve()', () => {
  const { stdout } = run(
    `blockSignals(); execve({ path: '/bin/grep', argv: ['grep', 'SigBlk', '/proc/self/status'], env: [] });`,
  );
  const kernelKeeps = [constants.signals.SIGKILL, constants.signals.SIGSTOP];
  const expected = signalMask([...UNBLOCKABLE, ...kernelKeeps]).readBigUInt64LE();
  assert.equal(stdout, `SigBlk:\t${expected.toString(16)}\n`);
});
