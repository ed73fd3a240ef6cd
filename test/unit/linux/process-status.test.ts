import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPidFd } from '../../../linux/pidfd.ts';
import { parentOf, parseParent, pidOf } from '../../../linux/process-status.ts';

test('parseParent() is not misled by the name a process gave itself', () => {
  assert.equal(parseParent('12 (sh) S 1 12 12 0 -1'), 1);
  assert.equal(parseParent('12 (a) S 99 (b) R 34 12'), 34);
});

test('parentOf() and pidOf() say what the kernel says of this process', () => {
  using self = openPidFd(process.pid);
  assert.equal(parentOf(process.pid), process.ppid);
  assert.equal(pidOf(self.fd), process.pid);
});
