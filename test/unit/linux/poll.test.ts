import assert from 'node:assert/strict';
import { realpathSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { POLL, packPollFds, poll } from '../../../linux/poll.ts';
import { openPty } from '../../../linux/pty.ts';
import { cValues, noCompiler } from './c-compiler.ts';

const ptmx = realpathSync('/dev/ptmx');

test('POLL and struct pollfd are those of the C headers', { skip: noCompiler }, () => {
  const expected = { ...POLL, 'sizeof(struct pollfd)': packPollFds([{ fd: 0, events: 0 }]).length };
  assert.deepEqual(cValues(['poll.h'], Object.keys(expected)), expected);
});

test('poll() returns the events of ready file descriptors only', () => {
  using pty = openPty(ptmx);
  const { master, slave } = pty;
  const requests = [master, slave].map((fd) => ({ fd, events: POLL.POLLIN }));
  assert.deepEqual(poll(requests, 0), new Map());
  writeSync(slave, 'x');
  assert.deepEqual(poll(requests, 1000), new Map([[master, POLL.POLLIN]]));
});

test('poll() reports a hang-up nobody asked for', () => {
  using pty = openPty(ptmx);
  pty.closeSlave();
  assert.equal((poll([{ fd: pty.master, events: 0 }], 0).get(pty.master) ?? 0) & POLL.POLLHUP, POLL.POLLHUP);
});
