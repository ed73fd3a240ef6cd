import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { execute } from '../../../../stage1/compile/exec.ts';
import { failure } from '../../../../stage1/program/failure.ts';

const { EACCES, ENOENT } = constants.errno;
const user = { uid: 0, gid: 0 };
const program = (path: string) => ({
  name: 'app "web"',
  steps: execute({ args: ['httpd'], env: [`PATH=${path}`], cwd: '/', user }),
});

test('an app that is nowhere along PATH is reported as not found', () => {
  const error = failure(program('/a:/b'), [-ENOENT, -ENOENT]);
  assert.equal(error?.message, 'app "web": execute httpd: ENOENT (No such file or directory)');
});

test('a directory of PATH that denies access tells more than one that lacks the file', () => {
  assert.equal(failure(program('/a:/b'), [-EACCES, -ENOENT])?.code, 'EACCES');
});

test('a program that executed has no failure, whatever it tolerated before', () => {
  assert.equal(failure(program('/a:/b'), [-ENOENT, undefined]), undefined);
});
