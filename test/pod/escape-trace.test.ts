import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { struct, structOf } from '../../stage1/program/step.ts';
import { hostilePod, UNPROTECTED } from './escape-pod.ts';
import type { Call } from './escape-program.ts';

/** sys/ptrace.h */
const PTRACE_ATTACH = 16;
const PTRACE_SEIZE = 0x4206;

const traces: Readonly<Record<string, readonly Call[]>> = {
  attach: [{ call: 'ptrace', args: [PTRACE_ATTACH, 1, 0, 0] }],
  seize: [{ call: 'ptrace', args: [PTRACE_SEIZE, 1, 0, 0] }],
  pidfd: [
    { call: 'pidfd_open', args: [1, 0], as: 'pidfd' },
    { call: 'pidfd_getfd', args: [{ from: 'pidfd' }, 0, 0] },
  ],
  memory: [
    {
      call: 'process_vm_readv',
      args: [
        1,
        structOf([struct(Buffer.alloc(8), '[…]'), 8], '{…}'),
        1,
        structOf([0x40_0000, 8], '{…}'),
        1,
        0,
      ],
    },
  ],
};

test('the first process of a pod cannot be traced, read, or robbed of file descriptors', async () => {
  using pod = await hostilePod({ programs: traces });
  const script = Object.keys(traces).map((name) => `/${name} && echo ${name}`);
  const files = ['mem', 'environ', 'maps', 'auxv'].map((name) => `cat /proc/1/${name} 2>/dev/null | wc -c`);
  const links = ['root', 'cwd', 'exe', 'fd/0', 'ns/mnt'].map(
    (name) => `/bin/busybox readlink /proc/1/${name}`,
  );
  const { status, stdout } = pod.run([...script, ...files, ...links, 'true'].join('; '));
  assert.equal(status, 0);
  assert.deepEqual(
    stdout.split('\n').filter((line) => !['', '0'].includes(line)),
    [],
  );
});

test('the supervisor is no process of the pod', async () => {
  using pod = await hostilePod();
  const { stdout } = pod.run(
    'cat /proc/[0-9]*/comm; /bin/busybox grep -h PPid /proc/self/status /proc/1/status',
  );
  assert.doesNotMatch(stdout, /stage1|bun|tsrkt/);
  assert.match(stdout, /PPid:\t0\n$/);
});

test('what joins a pod cannot be traced by a pod that lies in wait for it', async () => {
  using pod = await hostilePod({ programs: traces });
  const watch =
    'i=0; while [ $i -lt 200 ]; do i=$((i+1)); for p in /proc/[0-9]*; do case $p in /proc/1) ;; *) [ "$(cat $p/comm)" = busybox ] || [ "$(cat $p/comm)" = sh ] || { cat $p/environ $p/maps; ls $p/fd $p/root/; };; esac; done; done';
  const [file, ...argv] = pod.command(
    `(${watch}) 2>/dev/null | /bin/busybox grep -E "stage1|bun|TSRKT|${pod.path}" | /bin/busybox head -3`,
  );
  const image = argv[argv.indexOf('--') - 1] ?? '';
  const others = Array.from({ length: 6 }, (_, i) => [
    '---',
    image,
    `--name=other-${i}`,
    '--',
    '/bin/busybox sleep 0.2',
  ]);
  const { status, stdout, stderr } = spawnSync(file, [...argv, ...others.flat()], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '');
});

test('these attacks are real: with all capabilities the first process can be attached to', async () => {
  using pod = await hostilePod({ programs: traces });
  assert.match(pod.run('/seize && echo seized; true', UNPROTECTED).stdout, /^seized\n$/);
});
