import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callNumber } from '../../../../linux/seccomp-library.ts';
import type { Seccomp, SeccompSyscall } from '../../../../schema/runtime-config.ts';
import { compileFilter } from '../../../../stage1/seccomp/filter.ts';
import { ARCH, runFilter } from './run-filter.ts';

const ALLOW = 0x7fff_0000;
const errno = (number: number) => 0x5_0000 + number;
const arch = process.arch === 'arm64' ? ARCH.arm64 : ARCH.x64;

const allow = (...names: string[]): SeccompSyscall => ({ names, action: 'SCMP_ACT_ALLOW' });
const profile = (...syscalls: SeccompSyscall[]): Seccomp => ({ defaultAction: 'SCMP_ACT_ERRNO', syscalls });

function answer(seccomp: Seccomp, name: string, ...args: bigint[]): number {
  return runFilter(compileFilter(seccomp).program, { arch, nr: callNumber(name)!, args });
}

test('calls that are named are allowed, others fail with EPERM', () => {
  const seccomp = profile(allow('read', 'write'), allow('mseal_does_not_exist', 'statx'));
  assert.equal(answer(seccomp, 'read'), ALLOW);
  assert.equal(answer(seccomp, 'statx'), ALLOW);
  assert.equal(answer(seccomp, 'openat'), errno(1));
});

test('defaultErrnoRet and errnoRet are the errnos', () => {
  const denied: SeccompSyscall = { names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 };
  const seccomp: Seccomp = { ...profile(denied), defaultErrnoRet: 95 };
  assert.equal(answer(seccomp, 'read'), errno(13));
  assert.equal(answer({ ...seccomp, defaultErrnoRet: 38 }, 'statx'), errno(38));
});

test('comparisons of several arguments must all hold, several of one argument are alternatives', () => {
  const both: SeccompSyscall = {
    ...allow('socket'),
    args: [
      { index: 0, op: 'SCMP_CMP_EQ', value: 2n, valueTwo: 0n },
      { index: 1, op: 'SCMP_CMP_MASKED_EQ', value: 0xfn, valueTwo: 1n },
    ],
  };
  const either: SeccompSyscall = {
    ...allow('kill'),
    args: [
      { index: 1, op: 'SCMP_CMP_EQ', value: 9n, valueTwo: 0n },
      { index: 1, op: 'SCMP_CMP_GE', value: 0xffff_ffff_0000n, valueTwo: 0n },
    ],
  };
  const seccomp = profile(both, either, allow('statx'));
  assert.equal(answer(seccomp, 'socket', 2n, 0x8_0001n), ALLOW);
  assert.equal(answer(seccomp, 'socket', 2n, 2n), errno(1));
  assert.equal(answer(seccomp, 'socket', 10n, 1n), errno(1));
  assert.equal(answer(seccomp, 'kill', 1n, 9n), ALLOW);
  assert.equal(answer(seccomp, 'kill', 1n, 0xffff_ffff_0001n), ALLOW);
  assert.equal(answer(seccomp, 'kill', 1n, 15n), errno(1));
});

test('every operator compares as its name says', () => {
  const table = [
    ['SCMP_CMP_NE', [4n, 6n]],
    ['SCMP_CMP_LT', [4n]],
    ['SCMP_CMP_LE', [4n, 5n]],
    ['SCMP_CMP_EQ', [5n]],
    ['SCMP_CMP_GE', [5n, 6n]],
    ['SCMP_CMP_GT', [6n]],
  ] as const;
  for (const [op, allowed] of table) {
    const seccomp = profile({ ...allow('kill'), args: [{ index: 0, op, value: 5n, valueTwo: 0n }] });
    const let_through = [4n, 5n, 6n].filter((value) => answer(seccomp, 'kill', value) === ALLOW);
    assert.deepEqual(let_through, allowed, op);
  }
});

test('a call with a larger number than any the profile names is answered ENOSYS', () => {
  const { program } = compileFilter(profile(allow('read', 'statx', 'openat2')));
  const nr = callNumber('openat2')! + 1;
  assert.equal(runFilter(program, { arch, nr }), errno(38));
  assert.equal(runFilter(program, { arch, nr: nr - 2 }), errno(1));
});

test('with an allowing default there is no ENOSYS: what is not named is allowed, new calls, too', () => {
  const seccomp: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO' }],
  };
  assert.equal(answer(seccomp, 'mount'), errno(1));
  assert.equal(runFilter(compileFilter(seccomp).program, { arch, nr: 9999 }), ALLOW);
});

test('a restriction that libseccomp cannot make is reported, one that it need not make is not', () => {
  const names = ['mount', 'no_such_call'];
  const denies: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names, action: 'SCMP_ACT_ERRNO' }],
  };
  assert.deepEqual(compileFilter(denies).unrestricted, ['no_such_call']);
  assert.deepEqual(compileFilter(profile(allow(...names))).unrestricted, []);
});

test('calls of another architecture are filtered by their own numbers', { skip: arch !== ARCH.x64 }, () => {
  const seccomp: Seccomp = {
    ...profile(allow('read')),
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  };
  const { program } = compileFilter(seccomp);
  assert.equal(runFilter(program, { arch: ARCH.x86, nr: 3 }), ALLOW);
  assert.equal(runFilter(program, { arch: ARCH.x86, nr: 0 }), errno(1));
});

test('flags go to the kernel, except TSYNC, which is for processes with threads', () => {
  const flags = ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG'] as const;
  assert.deepEqual(compileFilter({ ...profile(), flags: [...flags] }).flags, ['SECCOMP_FILTER_FLAG_LOG']);
});

test('what needs a listener is refused, as there is none', () => {
  const notify: SeccompSyscall = { names: ['mount'], action: 'SCMP_ACT_NOTIFY' };
  assert.throws(() => compileFilter(profile(notify)), { code: 'ERR_SECCOMP_ACTION' });
  const flags = ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] as const;
  assert.throws(() => compileFilter({ ...profile(), flags: [...flags] }), { code: 'ERR_SECCOMP_ACTION' });
});

test('an architecture that libseccomp does not know is an error that names it', () => {
  assert.throws(() => compileFilter({ ...profile(), architectures: ['SCMP_ARCH_SHEB', 'SCMP_ARCH_M68K'] }), {
    message: /has no SCMP_ARCH_/,
  });
});
