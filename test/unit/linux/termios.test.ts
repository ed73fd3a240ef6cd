import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { test } from 'node:test';
import { openPty } from '../../../linux/pty.ts';
import { enterRawMode, eofCharacter, getTermios, isCanonical, setTermios } from '../../../linux/termios.ts';
import { cValues, noCompiler } from './c-compiler.ts';

const ptmx = realpathSync('/dev/ptmx');

test('the layout of struct termios is that of the C headers', { skip: noCompiler }, () => {
  const expected = {
    'sizeof(struct termios)': 60,
    'offsetof(struct termios, c_lflag)': 12,
    'offsetof(struct termios, c_cc)': 17,
    ICANON: 2,
    VEOF: 4,
    TCSANOW: 0,
  };
  assert.deepEqual(cValues(['termios.h'], Object.keys(expected)), expected);
});

test('enterRawMode() leaves canonical mode and gives the old modes back when disposed of', () => {
  using pty = openPty(ptmx);
  const before = getTermios(pty.slave);
  const raw = enterRawMode(pty.slave);
  assert.equal(isCanonical(getTermios(pty.slave)), false);
  raw[Symbol.dispose]();
  assert.deepEqual(getTermios(pty.slave), before);
});

test('enterRawMode() can be disposed of when the terminal is gone', () => {
  const pty = openPty(ptmx);
  const raw = enterRawMode(pty.slave);
  pty[Symbol.dispose]();
  raw[Symbol.dispose]();
});

test('getTermios() of the master shows the modes of the slave', () => {
  using pty = openPty(ptmx);
  const modes = getTermios(pty.slave);
  modes.writeUInt8(5, 17 + 4);
  setTermios(pty.slave, modes);
  assert.equal(eofCharacter(getTermios(pty.master)), 5);
  assert.equal(isCanonical(getTermios(pty.master)), true);
});
