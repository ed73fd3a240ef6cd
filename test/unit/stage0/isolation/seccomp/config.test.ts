import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callNumber } from '../../../../../linux/seccomp-library.ts';
import { type SeccompChoice, seccompConfig } from '../../../../../stage0/isolation/seccomp/config.ts';
import { compileFilter } from '../../../../../stage1/seccomp/filter.ts';
import { ARCH, runFilter } from '../../../stage1/seccomp/run-filter.ts';

const ALLOW = 0x7fff_0000;
const EPERM = 0x5_0001;
const ENOSYS = 0x5_0026;
const AF_ALG = 38n;

/** asm/unistd_32.h */
const SOCKETCALL = 102;
const SOCKET = 359;

const arch = process.arch === 'arm64' ? ARCH.arm64 : ARCH.x64;
const onlyX64 = { skip: arch !== ARCH.x64 && 'x86 programs run on x86-64 only' };

/** How the filter of a choice answers calls: what it was compiled to is run. */
function answers(choice: SeccompChoice, capabilities: readonly string[] = []) {
  const { program } = compileFilter(seccompConfig(choice, { capabilities, architecture: process.arch })!);
  return {
    native: (name: string, ...args: bigint[]) => runFilter(program, { arch, nr: callNumber(name)!, args }),
    x86: (nr: number, ...args: bigint[]) => runFilter(program, { arch: ARCH.x86, nr, args }),
  };
}

const byDefault = answers({ kind: 'default' });

test('the default profile lets ordinary calls through', () => {
  for (const name of ['read', 'openat', 'execve', 'statx', 'futex', 'ptrace', 'landlock_restrict_self'])
    assert.equal(byDefault.native(name), ALLOW, name);
});

test('the default profile answers EPERM to what containers have been left by', () => {
  const calls = `mount umount2 pivot_root fsopen fsconfig fsmount open_tree move_mount mount_setattr keyctl add_key
    request_key bpf userfaultfd io_uring_setup unshare setns kexec_load init_module open_by_handle_at perf_event_open
    quotactl swapon reboot syslog acct sethostname chroot`;
  for (const name of calls.split(/\s+/)) assert.equal(byDefault.native(name), EPERM, name);
});

test('CVE-2026-31431: no AF_ALG socket, also not with bits that socket(2) ignores', () => {
  for (const family of [AF_ALG, 0x1_0000_0000n + AF_ALG, 40n, 0x8000_0000_0000_0026n])
    assert.equal(byDefault.native('socket', family, 5n), EPERM, `${family}`);
  for (const family of [1n, 2n, 10n, 16n, 17n, 44n])
    assert.equal(byDefault.native('socket', family, 1n), ALLOW);
});

test('CVE-2026-31431: no AF_ALG socket by 32-bit programs either', onlyX64, () => {
  assert.equal(byDefault.x86(SOCKET, AF_ALG, 5n), EPERM);
  assert.equal(byDefault.x86(SOCKET, 2n, 1n), ALLOW);
  for (const subcall of [1n, 3n]) assert.equal(byDefault.x86(SOCKETCALL, subcall), ENOSYS);
  const inverted = answers({ kind: 'retain', set: ['@rkt/default-whitelist'], errno: 'ENOSYS' });
  assert.equal(inverted.x86(SOCKETCALL, 1n), EPERM);
});

test('namespaces come by no form of clone', () => {
  assert.equal(byDefault.native('clone', 0x0120_0011n), ALLOW);
  for (const flag of [0x20000n, 0x1000_0000n, 0x4000_0000n, 0x2000_0000n, 0x200_0000n])
    assert.equal(byDefault.native('clone', flag | 17n), EPERM, flag.toString(16));
  assert.equal(byDefault.native('clone3'), ENOSYS);
});

test('personality has its harmless values only', () => {
  assert.equal(byDefault.native('personality', 0n), ALLOW);
  assert.equal(byDefault.native('personality', 0xffff_ffffn), ALLOW);
  assert.equal(byDefault.native('personality', 0x4_0000n), EPERM, 'ADDR_NO_RANDOMIZE');
});

test('a capability brings the calls it is for', () => {
  const admin = answers({ kind: 'default' }, ['CAP_SYS_ADMIN', 'CAP_SYS_CHROOT']);
  for (const name of ['mount', 'unshare', 'clone', 'clone3', 'setns', 'chroot'])
    assert.equal(admin.native(name, 0x1000_0000n), ALLOW, name);
  assert.equal(admin.native('keyctl'), EPERM);
  assert.equal(admin.native('socket', AF_ALG), EPERM);
  assert.equal(answers({ kind: 'default' }, ['CAP_SYS_TIME']).native('clock_settime'), ALLOW);
});

test('no filter: all calls retained by name, or nothing wanted', () => {
  const facts = { capabilities: [], architecture: process.arch };
  assert.equal(seccompConfig({ kind: 'all' }, facts), undefined);
  assert.equal(seccompConfig({ kind: 'retain', set: ['@appc.io/all'] }, facts), undefined);
});

test('a set that names nothing is the default profile, with its errno', () => {
  const empty = answers({ kind: 'remove', set: ['@appc.io/empty'], errno: 'EACCES' });
  assert.equal(empty.native('mount'), 0x5_000d);
  assert.equal(empty.native('read'), ALLOW);
});

test('a retained set allows its calls whatever their arguments, and what no program does without', () => {
  const some = answers({ kind: 'retain', set: ['read', 'socket', '@systemd/mount'] });
  for (const name of ['read', 'mount', 'fsopen', 'execve', 'exit_group', 'brk'])
    assert.equal(some.native(name), ALLOW, name);
  assert.equal(some.native('socket', AF_ALG), ALLOW);
  assert.equal(some.native('write'), EPERM);
});

test('a default whitelist keeps its conditions beside names that have none', () => {
  const more = answers({ kind: 'retain', set: ['@docker/default-whitelist', 'keyctl', 'clone3'] });
  assert.equal(more.native('keyctl'), ALLOW);
  assert.equal(more.native('clone3'), ALLOW);
  assert.equal(more.native('socket', AF_ALG), EPERM);
  assert.equal(more.native('clone', 0x1000_0000n), EPERM);
});

test('a removed set denies its calls, others and new ones are allowed', () => {
  const some = answers({ kind: 'remove', set: ['@systemd/clock', 'ptrace'], errno: 'EACCES' });
  assert.equal(some.native('ptrace'), 0x5_000d);
  assert.equal(some.native('clock_settime'), 0x5_000d);
  assert.equal(some.native('mount'), ALLOW);
  assert.equal(some.native('clone', 0x1000_0000n), ALLOW);
  assert.equal(some.native('socket', 0x1_0000_0000n + AF_ALG), 0x5_000d);
});

test('a default blacklist denies namespaces by clone, too', () => {
  const some = answers({ kind: 'remove', set: ['@rkt/default-blacklist'] });
  assert.equal(some.native('unshare', 0n), EPERM);
  assert.equal(some.native('clone', 0x0120_0011n), ALLOW);
  assert.equal(some.native('clone', 0x1000_0011n), EPERM);
  assert.equal(some.native('clone3'), ENOSYS);
  assert.equal(some.native('fsopen'), EPERM);
});

test('a set or an errno that does not exist is an error that names it', () => {
  const facts = { capabilities: [], architecture: process.arch };
  const configOf = (set: string[], errno?: string) =>
    seccompConfig({ kind: 'retain', set, ...(errno ? { errno } : {}) }, facts);
  for (const name of ['@systemd/nope', '@rkt/all', '@nope', '@systemd/constructor'])
    assert.throws(() => configOf([name]), {
      code: 'ERR_SECCOMP_SET',
      message: `filter system calls: there is no set "${name}"`,
    });
  assert.throws(() => configOf(['read'], 'ENOPE'), { code: 'ERR_SECCOMP_SET' });
});
