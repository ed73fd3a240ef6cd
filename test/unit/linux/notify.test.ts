import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNotification, parseNotification } from '../../../linux/notify.ts';

test('formatNotification() keeps a value on its line', () => {
  assert.equal(formatNotification({ STATUS: 'one\nMAINPID=1', READY: '1' }), 'STATUS=one MAINPID=1\nREADY=1');
});

test('parseNotification() reads assignments, the last of a name counts, and skips what is none', () => {
  const text = 'STATUS=a=b\nnonsense\n=x\nREADY=0\nREADY=1\n';
  assert.deepEqual(parseNotification(text), { STATUS: 'a=b', READY: '1' });
});
