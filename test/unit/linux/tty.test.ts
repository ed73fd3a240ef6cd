import assert from 'node:assert/strict';
import { closeSync, openSync, realpathSync } from 'node:fs';
import { test } from 'node:test';
import { openPty } from '../../../linux/pty.ts';
import { getWindowSize, isTerminal, packWindowSize, setWindowSize, TIOC } from '../../../linux/tty.ts';
import { cValues, noCompiler } from './c-compiler.ts';

const ptmx = realpathSync('/dev/ptmx');

test('TIOC and struct winsize are those of the C headers', { skip: noCompiler }, () => {
  const names = Object.keys(TIOC);
  const values = cValues(['sys/ioctl.h'], [...names, 'sizeof(struct winsize)']);
  assert.deepEqual(values, {
    ...TIOC,
    'sizeof(struct winsize)': packWindowSize({ rows: 0, columns: 0 }).length,
  });
});

test('isTerminal() tells both ends of a pty from other files', () => {
  using pty = openPty(ptmx);
  assert.equal(isTerminal(pty.master), true);
  assert.equal(isTerminal(pty.slave), true);
  assert.equal(isTerminal(9999), false);
});

test('setWindowSize() on the master is what getWindowSize() reads on the slave', () => {
  using pty = openPty(ptmx);
  setWindowSize(pty.master, { rows: 31, columns: 117 });
  assert.deepEqual(getWindowSize(pty.slave), { rows: 31, columns: 117 });
});

test('getWindowSize() of what is no terminal is an ENOTTY', () => {
  const fd = openSync('/dev/null', 'r');
  assert.throws(() => getWindowSize(fd), { code: 'ENOTTY', message: /^read the window size: ENOTTY/ });
  closeSync(fd);
});
