import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFilter } from '../../../../linux/seccomp.ts';
import { withEnosys } from '../../../../stage1/seccomp/enosys.ts';
import { ARCH, runFilter } from './run-filter.ts';

const ALLOW = 0x7fff_0000;
const ENOSYS = 0x5_0026;
const X32 = 0x4000_0000;

const filter = encodeFilter([{ code: 'RET_K', k: ALLOW }]);
const patched = withEnosys(
  filter,
  new Map<number, number>([
    [ARCH.x64, 450],
    [ARCH.x86, 440],
    [ARCH.arm64, 430],
  ]),
);
const answer = (arch: number, nr: number) => runFilter(patched, { arch, nr });

test('a call newer than the profile is answered ENOSYS, on each architecture by its own number', () => {
  assert.deepEqual([answer(ARCH.x64, 450), answer(ARCH.x64, 451)], [ALLOW, ENOSYS]);
  assert.deepEqual([answer(ARCH.x86, 440), answer(ARCH.x86, 441)], [ALLOW, ENOSYS]);
  assert.deepEqual([answer(ARCH.arm64, 430), answer(ARCH.arm64, 431)], [ALLOW, ENOSYS]);
});

test('x32 calls and other architectures come to the filter itself', () => {
  assert.equal(answer(ARCH.x64, X32 + 547), ALLOW);
  assert.equal(answer(0x1234, 9999), ALLOW);
});

test('without architectures the filter is as it was, behind two instructions', () => {
  assert.equal(runFilter(withEnosys(filter, new Map()), { arch: ARCH.x64, nr: 9999 }), ALLOW);
});
