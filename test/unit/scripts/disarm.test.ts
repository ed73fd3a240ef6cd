import assert from 'node:assert/strict';
import { test } from 'node:test';
import { armed, disarm } from '../../../scripts/disarm.mjs';

test('disarm() takes the first byte of every name, and nothing else', () => {
  const text = `head\0${armed.join('\0')}\0${armed.join('')}tail`;
  const executable = Buffer.from(text);
  disarm(executable);
  const expected = armed.reduce((all, name) => all.replaceAll(name, `\0${name.slice(1)}`), text);
  assert.equal(executable.toString(), expected);
});

test('disarm() refuses an executable in which a name is missing', () => {
  assert.throws(() => disarm(Buffer.from(armed.slice(1).join('\0'))), /disarm BUN_BE_BUN: not found/);
});
