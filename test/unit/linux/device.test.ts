import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { test } from 'node:test';
import { decodeDevice, encodeDevice } from '../../../linux/device.ts';

test('encodeDevice() packs as the kernel does', () => {
  assert.equal(encodeDevice(1, 3), 0x103);
  assert.equal(encodeDevice(4095, 0xfffff), 0xffffffff);
  assert.equal(encodeDevice(259, 70000), (0x11100 << 12) | (259 << 8) | 0x70);
});

test('encodeDevice() knows which numbers do not exist', () => {
  for (const [major, minor] of [
    [4096, 0],
    [0, 1 << 20],
    [-1, 0],
  ] as const)
    assert.equal(encodeDevice(major, minor), undefined);
});

test('decodeDevice() reads what stat(2) gives', () => {
  assert.deepEqual(decodeDevice(lstatSync('/dev/null', { bigint: true }).rdev), { major: 1, minor: 3 });
  assert.deepEqual(decodeDevice((70000n & 0xffn) | (259n << 8n) | ((70000n & ~0xffn) << 12n)), {
    major: 259,
    minor: 70000,
  });
});
