import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { runInPlace } from '../../../../stage1/program/run-in-place.ts';
import { from, type Step, text } from '../../../../stage1/program/step.ts';

const { EBADF, ENOENT } = constants.errno;
const failing: Step = { call: 'close', args: [-1], what: 'close nothing' };
const missing: Step = {
  call: 'execve',
  args: [text('/no/such/program'), 0, 0],
  what: 'execute /no/such/program',
};

const run = (...steps: Step[]) => runInPlace({ name: 'app "web"', steps });

test('runInPlace() throws the failure of the step that failed, with its name', () => {
  assert.throws(() => run(failing, missing), { code: 'EBADF', message: /^app "web": close nothing: EBADF/ });
});

test('runInPlace() goes on after a tolerated failure, behind the steps it skips', () => {
  const tolerated: Step = { ...failing, tolerate: EBADF, skip: 1 };
  assert.throws(() => run(tolerated, failing, missing), {
    code: 'ENOENT',
    message: /execute \/no\/such\/program/,
  });
  assert.throws(() => run({ ...failing, tolerate: ENOENT }, missing), { code: 'EBADF' });
});

test('runInPlace() hands the result of a step on to later ones', () => {
  const open: Step = { call: 'openat', args: [-100, text('/'), 0, 0], as: 'root' };
  const close: Step = { call: 'close', args: [from('root')] };
  assert.throws(() => run(open, close, missing), { code: 'ENOENT' });
  assert.throws(() => run(open, close, { ...close, what: 'close it again' }, missing), { code: 'EBADF' });
});
