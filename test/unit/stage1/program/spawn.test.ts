import assert from 'node:assert/strict';
import { closeSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import { pipe } from '../../../../linux/descriptor.ts';
import { waitFor } from '../../../../linux/wait.ts';
import { fork } from '../../../../stage1/compile/fork.ts';
import { failure } from '../../../../stage1/program/failure.ts';
import { spawn } from '../../../../stage1/program/spawn.ts';
import { CHILD, startChild } from '../../../../stage1/program/start-child.ts';
import { argOf, from, type Step, text, vector } from '../../../../stage1/program/step.ts';

const { ENOENT, EEXIST } = constants.errno;
const exit = (code: number): Step => ({ call: 'exit_group', args: [code] });
const fails: Step = { call: 'chdir', args: [text('/no/such/directory')], what: 'change directory' };

/** Runs steps in a child; its exit code and results. */
function run(...steps: Step[]) {
  const program = { name: 'test', steps };
  using child = spawn(program, 0, true);
  const { exitCode } = waitFor(child.pid);
  return { exitCode, results: child.results(), error: failure(program, child.results()) };
}

test('a program runs its steps in order and its last ends it', () => {
  const { exitCode, results } = run({ call: 'getppid', args: [] }, exit(42));
  assert.equal(exitCode, 42);
  assert.deepEqual(results, [process.pid, undefined]);
});

test('a failing step ends the program with 127 and leaves its errno', () => {
  const { exitCode, results, error } = run(fails, exit(0));
  assert.equal(exitCode, 127);
  assert.deepEqual(results, [-ENOENT, undefined]);
  assert.equal(error?.message, 'test: change directory: ENOENT (No such file or directory)');
  assert.equal(error?.code, 'ENOENT');
});

test('a tolerated failure does not end it, any or the one errno named', () => {
  assert.equal(run({ ...fails, tolerate: 'any' }, exit(3)).exitCode, 3);
  assert.equal(run({ ...fails, tolerate: ENOENT }, exit(4)).exitCode, 4);
  const other = run({ ...fails, tolerate: EEXIST }, exit(5));
  assert.equal(other.exitCode, 127);
  assert.equal(other.error?.code, 'ENOENT');
});

test('a tolerated failure skips as many steps as it says', () => {
  const { exitCode, results } = run({ ...fails, tolerate: ENOENT, skip: 2 }, exit(1), exit(2), exit(3));
  assert.equal(exitCode, 3);
  assert.deepEqual(results.slice(1, 3), [undefined, undefined]);
});

test('a step that succeeds skips nothing', () => {
  assert.equal(
    run({ call: 'chdir', args: [text('/')], tolerate: 'any', skip: 1 }, exit(1), exit(2)).exitCode,
    1,
  );
});

test('a result reaches several later steps', () => {
  const open: Step = { call: 'openat', args: [-100, text('/'), 0, 0], as: 'root' };
  const { exitCode } = run(
    open,
    { call: 'fchdir', args: [from('root')] },
    { call: 'close', args: [from('root')] },
    exit(7),
  );
  assert.equal(exitCode, 7);
});

test('a call may write the argument of a later step, which fails where nothing was written', () => {
  const { read, write } = pipe();
  closeSync(write);
  const { exitCode, error } = run(
    { call: 'read', args: [read, argOf('wait', 0), 8] },
    { call: 'fcntl', args: [-1, 1, 0], as: 'wait', what: 'wait for the supervisor' },
    exit(0),
  );
  closeSync(read);
  assert.equal(exitCode, 127);
  assert.equal(error?.code, 'EBADF');
});

test('startChild() returns the pid of a child of ours that was executed', () => {
  const { read, write } = pipe();
  const shell = 'kill -0 $PPID && echo $PPID';
  const pid = startChild({
    name: 'test',
    keeps: [write],
    steps: [
      fork(),
      { call: 'dup3', args: [write, 1, 0] },
      { call: 'execve', args: [text('/bin/sh'), vector(['sh', '-c', shell]), vector([])] },
    ],
  });
  closeSync(write);
  const bytes = Buffer.alloc(100);
  const said = bytes.toString('utf8', 0, readSync(read, bytes));
  closeSync(read);
  assert.equal(said, `${process.pid}\n`);
  assert.deepEqual(waitFor(pid), { pid, exitCode: 0 });
});

test('startChild() throws what stopped the child, and leaves nothing to wait for', () => {
  const steps: Step[] = [
    fork(),
    { call: 'execve', args: [text('/no/such'), 0, 0], what: 'execute /no/such' },
  ];
  assert.throws(() => startChild({ name: 'app "x"', steps }), {
    message: 'app "x": execute /no/such: ENOENT (No such file or directory)',
  });
  assert.throws(() => waitFor(-1), { code: 'ECHILD' });
  assert.equal(CHILD, 'child');
});
