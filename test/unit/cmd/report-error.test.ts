import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { test } from 'node:test';
import { reportError } from '../../../cmd/report-error.ts';

function thrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

function expectedError(message: string, extra: object = {}): Error {
  return Object.assign(new Error(message), { code: 'ERR_TEST', ...extra });
}

const quiet = { command: 'run', debug: false };
const debug = { command: 'run', debug: true };

test('reportError() of an expected error is one sentence after the command, then its hint', () => {
  const error = expectedError('image "x" is not signed', { hint: 'try --insecure-options=image' });
  assert.equal(reportError(error, quiet), 'run: image "x" is not signed\nhint: try --insecure-options=image');
});

test("reportError() puts Node's file errors into our own words", () => {
  assert.equal(
    reportError(
      thrown(() => readFileSync('/nowhere')),
      quiet,
    ),
    'run: open "/nowhere": ENOENT (no such file or directory)',
  );
  assert.equal(
    reportError(
      thrown(() => renameSync('/nowhere', '/else')),
      quiet,
    ),
    'run: rename "/nowhere" to "/else": ENOENT (no such file or directory)',
  );
});

test('reportError() makes control characters harmless', () => {
  assert.equal(
    reportError(expectedError('name "\u001b[2J\n\u202e"'), quiet),
    'run: name "\\u001b[2J\\n\\u202e"',
  );
});

test('reportError() asks to report an error without a code, and shows its stack under --debug only', () => {
  const error = new Error('oops');
  assert.match(
    reportError(error, quiet),
    /^run: this is a bug in tsrkt, please report it: oops \(--debug shows where\)$/,
  );
  assert.match(reportError(error, debug), /report-error\.test\.ts/);
  assert.match(reportError('text', quiet), /this is a bug/);
});

test('reportError() shows the causes as a tree under --debug', () => {
  const error = expectedError('a', { cause: expectedError('b', { cause: expectedError('c') }) });
  assert.equal(reportError(error, debug), 'run: a\n└─ b\n  └─ c');
  assert.equal(reportError(error, quiet), 'run: a');
});
