import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  inheritedEnvironment,
  parseEnvFile,
  parseSetEnv,
  parseVariable,
} from '../../../../stage0/prepare/environment-flags.ts';
import { mergeEnvironments, processEnvironment } from '../../../../stage0/runtime-config/environment.ts';

test('mergeEnvironments() lets the later layer win, and keeps each variable once', () => {
  const merged = mergeEnvironments(
    [
      { name: 'A', value: '1' },
      { name: 'B', value: '1' },
    ],
    [{ name: 'A', value: '2' }],
    [{ name: 'C', value: '3' }],
  );
  assert.deepEqual(merged, [
    { name: 'A', value: '2' },
    { name: 'B', value: '1' },
    { name: 'C', value: '3' },
  ]);
});

test("processEnvironment() gives rkt's defaults, and the app's and the executor's names whatever the image says", () => {
  const env = processEnvironment('web', [
    { name: 'HOME', value: '/srv' },
    { name: 'AC_APP_NAME', value: 'liar' },
  ]);
  assert.deepEqual(env, [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/srv',
    'USER=root',
    'LOGNAME=root',
    'SHELL=/bin/sh',
    'AC_APP_NAME=web',
    'container=tsrkt',
  ]);
});

test('parseVariable() splits at the first =', () => {
  assert.deepEqual(parseVariable('A=b=c', '--set-env'), { name: 'A', value: 'b=c' });
  assert.deepEqual(parseVariable('A=', '--set-env'), { name: 'A', value: '' });
});

for (const text of ['', 'A', '=x', '1A=x', 'A B=x', 'A\n=x'])
  test(`parseVariable(${JSON.stringify(text)}) says what it expects`, () => {
    assert.throws(() => parseVariable(text, '--set-env'), {
      message: `--set-env: expected NAME=VALUE, got ${JSON.stringify(text)}`,
    });
  });

test('parseSetEnv() refuses a variable given twice', () => {
  assert.throws(() => parseSetEnv(['A=1', 'A=1']), { message: '--set-env: variable "A" is set twice' });
});

test('parseEnvFile() skips comments and empty lines, and names the line of an error', () => {
  const content = '# comment\n; too\n\n A=1 \nB=x # no comment\r\n';
  assert.deepEqual(parseEnvFile(content, 'f'), [
    { name: 'A', value: '1' },
    { name: 'B', value: 'x # no comment' },
  ]);
  assert.throws(() => parseEnvFile('A=1\nnothing', 'f'), {
    message: 'f:2: expected NAME=VALUE, got "nothing"',
  });
  assert.throws(() => parseEnvFile('A=1\nA=2', 'f'), { message: 'f: variable "A" is set twice' });
});

test('inheritedEnvironment() leaves out what appc has no name for', () => {
  const env = { A: '1', 'BASH_FUNC_x%%': '() {', UNSET: undefined };
  assert.deepEqual(inheritedEnvironment(env), [{ name: 'A', value: '1' }]);
});
