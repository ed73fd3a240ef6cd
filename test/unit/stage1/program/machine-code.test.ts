import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineCode } from '../../../../stage1/program/machine-code.ts';

test('the trampoline is what its assembly source says', () => {
  assert.equal(machineCode('x64').trampoline.toString('hex'), assemble('trampoline-x64.s'));
});

test('the pause code is what its assembly source says', () => {
  assert.equal(machineCode('x64').pause.toString('hex'), assemble('pause-x64.s'));
});

test('the line writer is what its assembly source says', () => {
  assert.equal(machineCode('x64').lineWriter.toString('hex'), assemble('line-writer-x64.s'));
});

test('the log writer is what its assembly source says', () => {
  assert.equal(machineCode('x64').logWriter.toString('hex'), assemble('log-writer-x64.s'));
});

test('the drain is what its assembly source says', () => {
  assert.equal(machineCode('x64').drain.toString('hex'), assemble('drain-x64.s'));
});

test('machineCode() refuses an architecture it has no code for, by name', () => {
  assert.throws(() => machineCode('riscv64'), /start processes on riscv64/);
});

function assemble(source: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-assemble-'));
  try {
    const object = join(directory, 'code.o');
    const binary = join(directory, 'code.bin');
    execFileSync('as', [join(import.meta.dirname, source), '-o', object]);
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', object, binary]);
    return readFileSync(binary).toString('hex');
  } finally {
    rmSync(directory, { recursive: true });
  }
}
