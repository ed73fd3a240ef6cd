import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasCode } from '../../linux/system-error.ts';
import { waitFor } from '../../linux/wait.ts';
import type { Process, Seccomp } from '../../schema/runtime-config.ts';
import { type SeccompChoice, seccompConfig } from '../../stage0/isolation/seccomp/config.ts';
import { loadFilter } from '../../stage1/compile/seccomp.ts';
import { spawn } from '../../stage1/program/spawn.ts';
import { type Step, struct, text } from '../../stage1/program/step.ts';
import { compileFilter } from '../../stage1/seccomp/filter.ts';
import { runScript } from './cgroup-run.ts';

const { EPERM, ENOSYS, EACCES } = constants.errno;

const facts = { capabilities: ['CAP_CHOWN'], architecture: process.arch };
const filterOf = (choice: SeccompChoice) => compileFilter(seccompConfig(choice, facts)!);
const byDefault = filterOf({ kind: 'default' });

/** What system calls are answered behind a filter, tried by a root with all capabilities: 0, or the errno. */
function attempt(filter: ReturnType<typeof compileFilter>, ...calls: Step[]): readonly number[] {
  const tries = calls.map((step): Step => ({ ...step, tolerate: 'any' }));
  const steps: Step[] = [loadFilter(filter), ...tries, { call: 'exit_group', args: [0] }];
  using child = spawn({ name: 'test', steps }, 0, true);
  waitFor(child.pid);
  const results = child.results();
  assert.equal(results[0], 0, 'the filter was not loaded');
  return results.slice(1, -1).map((result) => Math.max(0, -(result ?? 1)));
}

const mount: Step = { call: 'mount', args: [text('x'), text('/proc'), text('tmpfs'), 0, 0] };
const keyctl: Step = { call: 'keyctl', args: [0, -3, 0] };
const algSocket: Step = { call: 'socket', args: [38, 5, 0] };
const unixSocket: Step = { call: 'socket', args: [1, 1, 0] };
const newUser: Step = { call: 'unshare', args: [0x1000_0000] };
const clone3: Step = { call: 'clone3', args: [struct(Buffer.alloc(88), '{}'), 88] };

test('the default profile denies mount, keyrings and user namespaces with EPERM, to root, too', () => {
  assert.deepEqual(attempt(byDefault, mount, keyctl, newUser, clone3), [EPERM, EPERM, EPERM, ENOSYS]);
});

test('CVE-2026-31431: no AF_ALG socket, whatever is in the bits above', () => {
  const truncated: Step = { call: 'socket', args: [0x1_0000_0026, 5, 0] };
  assert.deepEqual(attempt(byDefault, algSocket, truncated, unixSocket), [EPERM, EPERM, 0]);
});

const lacksX86 = whyNoProgram32();
const suffix = lacksX86 === undefined ? '' : ` (impossible here: ${lacksX86})`;

test(`CVE-2026-31431: no AF_ALG socket by a 32-bit program’s socketcall${suffix}`, {
  skip: lacksX86 ?? false,
}, () => {
  withProgram32((program) => {
    const answer = (filter?: ReturnType<typeof compileFilter>) =>
      runScript(`exec ${program}`, filter ? { filter } : {}).status;
    assert.equal(answer(byDefault), ENOSYS);
    assert.equal(answer(filterOf({ kind: 'remove', set: ['mount'] })), ENOSYS);
  });
});

test('an app runs behind the default profile', () => {
  const { status, output } = runScript('echo a | cat; ls / > /dev/null; sleep 0; true & wait; mount', {
    filter: byDefault,
  });
  assert.match(output, /^a\n/);
  assert.equal(status, 0);
});

test('a call newer than the profile does not exist', () => {
  const old: Seccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['exit_group', 'statx'], action: 'SCMP_ACT_ALLOW' }],
  };
  const openat2: Step = { call: 'openat2', args: [-100, text('/'), 0, 0] };
  assert.deepEqual(attempt(compileFilter(old), openat2, mount), [ENOSYS, EPERM]);
});

test('a removed set is denied with its errno, the rest is as it was', () => {
  const filter = filterOf({ kind: 'remove', set: ['keyctl'], errno: 'EACCES' });
  assert.deepEqual(attempt(filter, keyctl, unixSocket, algSocket), [EACCES, 0, EACCES]);
});

const SOME = ['CAP_CHOWN', 'CAP_KILL'];
const sets = (permitted: string[]) => ({
  bounding: SOME,
  effective: permitted,
  permitted,
  inheritable: [],
  ambient: [],
});
const STATUS = 'grep -E "Cap|NoNewPrivs|Seccomp:" /proc/self/status';

test('a filter forces no_new_privs on nobody, and leaves no capability behind', () => {
  const users: readonly [Partial<Process>, string][] = [
    [{ user: { uid: 0, gid: 0 }, capabilities: sets(SOME) }, '0000000000000021'],
    [{ user: { uid: 1000, gid: 1000 }, capabilities: sets([]) }, '0000000000000000'],
    [{ user: { uid: 1000, gid: 1000 } }, '0000000000000000'],
    [{ user: { uid: 1000, gid: 1000 }, noNewPrivileges: true, capabilities: sets([]) }, '0000000000000000'],
  ];
  for (const [process, held] of users) {
    const { output } = runScript(STATUS, { filter: byDefault, process });
    const what = `${JSON.stringify(process)}\n${output}`;
    for (const set of ['CapPrm', 'CapEff']) assert.ok(output.includes(`${set}:\t${held}`), what);
    for (const set of ['CapInh', 'CapAmb']) assert.ok(output.includes(`${set}:\t${'0'.repeat(16)}`), what);
    assert.ok(output.includes(`NoNewPrivs:\t${process.noNewPrivileges ? 1 : 0}`), what);
    assert.ok(output.includes('Seccomp:\t2'), what);
  }
});

test('ambient capabilities survive the filter', () => {
  const capabilities = { ...sets(SOME), inheritable: SOME, ambient: ['CAP_KILL'] };
  const { output } = runScript(STATUS, {
    filter: byDefault,
    process: { user: { uid: 1000, gid: 1000 }, capabilities },
  });
  assert.match(output, /CapPrm:\t0{14}20\nCapEff:\t0{14}20/);
});

test('a profile may deny whatever we call ourselves but execve', () => {
  const names = ['capset', 'clone3', 'close_range', 'dup3', 'seccomp', 'setgroups', 'setresgid', 'setresuid'];
  const filter = compileFilter({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names, action: 'SCMP_ACT_KILL_PROCESS' }],
  });
  const process: Partial<Process> = {
    args: ['/bin/busybox', 'echo', 'strict'],
    user: { uid: 1000, gid: 1000 },
    capabilities: sets([]),
  };
  assert.deepEqual(runScript('', { filter, process }), { status: 0, output: 'strict\n' });
});

/** Why no 32-bit program runs here, where none can; a kernel may have been built for them and started without (`ia32_emulation=0`). */
function whyNoProgram32(): string | undefined {
  if (process.arch !== 'x64') return '32-bit x86 programs run on x86-64 only';
  const { error } = withProgram32((program) => spawnSync(program));
  return hasCode(error, 'ENOEXEC') ? 'this kernel runs no 32-bit programs' : undefined;
}

function withProgram32<T>(use: (program: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-x86-'));
  try {
    const [object, program] = [join(directory, 'a.o'), join(directory, 'a')];
    execFileSync('as', ['--32', join(import.meta.dirname, 'seccomp-int80.s'), '-o', object]);
    execFileSync('ld', ['-m', 'elf_i386', object, '-o', program]);
    return use(program);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
