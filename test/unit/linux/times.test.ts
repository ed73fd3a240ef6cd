import assert from 'node:assert/strict';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimes, timespecs } from '../../../linux/times.ts';

test('setTimes() is exact to the nanosecond, before 1970 and after 2038', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-times-'));
  const fd = openSync(join(directory, 'file'), 'w');
  try {
    for (const time of [
      0n,
      1n,
      1_700_000_000_123_456_789n,
      1_700_000_000_000_000_000n,
      5_000_000_000_000_000_000n,
    ]) {
      setTimes(fd, time);
      assert.equal(fstatSync(fd, { bigint: true }).mtimeNs, time);
    }
    for (const time of [-1n, -5_000_000_000n, -1_500_000_000n]) {
      setTimes(fd, time);
      assert.equal(fstatSync(fd, { bigint: true }).mtimeNs, time);
    }
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  }
});

test('timespecs() keeps nanoseconds positive', () => {
  const [seconds, rest] = [timespecs(-1n).readBigInt64LE(0), timespecs(-1n).readBigInt64LE(8)];
  assert.deepEqual([seconds, rest], [-1n, 999_999_999n]);
});
