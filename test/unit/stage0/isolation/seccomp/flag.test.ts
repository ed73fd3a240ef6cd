import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSeccompFlag } from '../../../../../stage0/isolation/seccomp/flag.ts';

test('parseSeccompFlag() understands mode, errno and names in any order', () => {
  assert.deepEqual(parseSeccompFlag('mode=retain,read,@systemd/clock'), {
    kind: 'retain',
    set: ['read', '@systemd/clock'],
  });
  assert.deepEqual(parseSeccompFlag('mount,errno=ENOSYS, mode=remove'), {
    kind: 'remove',
    set: ['mount'],
    errno: 'ENOSYS',
  });
});

test('parseSeccompFlag() refuses what it does not understand', () => {
  const bad = [
    'read',
    'mode=allow,read',
    'mode=retain',
    'mode=retain,errno=EPERM',
    'mode=retain,color=red,read',
    '',
  ];
  for (const text of bad) assert.throws(() => parseSeccompFlag(text), { code: 'ERR_SECCOMP_FLAG' }, text);
});
