import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileEnter, type EnterContext } from '../../../../stage1/compile/enter.ts';
import { listing } from '../../../../stage1/program/listing.ts';

const config = {
  args: ['/bin/id'],
  cwd: '/srv',
  user: { uid: 7, gid: 8 },
  noNewPrivileges: true,
  capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
};
const context: EnterContext = {
  name: 'web',
  process: 9,
  namespaces: ['user', 'pid', 'mount', 'time'],
  cgroups: [
    { directory: '/sys/fs/cgroup/pod', mustJoin: true },
    { directory: '/sys/fs/cgroup/session', mustJoin: false },
  ],
  timeOffsets: undefined,
  stdio: [0, 1, 2],
  hasTerminal: false,
  filter: { program: Buffer.alloc(8), flags: [], unrestricted: [] },
  ignoredSignals: [],
  userNamespace: { canSetGroups: true },
};

test('compileEnter() joins cgroups before it is in the namespaces, the mount namespace last', () => {
  const calls = listing(compileEnter(config, context));
  const at = (text: string) => {
    assert.ok(calls.includes(text), `${text} in:\n${calls}`);
    return calls.indexOf(text);
  };
  const order = [
    at('/sys/fs/cgroup/pod/cgroup.procs'),
    at('setns(app, CLONE_NEWUSER|CLONE_NEWPID)'),
    at('setns(app, CLONE_NEWNS)'),
    at('close_range(3'),
    at('setresuid(7, 7, 7)'),
    at('PR_SET_NO_NEW_PRIVS'),
    at('chdir("/srv")'),
    at('clone3('),
    at('seccomp('),
    at('execve("/bin/id"'),
  ];
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('compileEnter() fails where a cgroup of the pod cannot be joined, and only there', () => {
  const steps = compileEnter(config, context).steps.filter(({ call }) => call === 'openat');
  assert.deepEqual(
    steps.map(({ tolerate }) => tolerate),
    [undefined, 'any'],
  );
});
