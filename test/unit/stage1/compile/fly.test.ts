import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeConfig } from '../../../../schema/runtime-config.ts';
import { compileFly } from '../../../../stage1/compile/fly.ts';

const overlay = ['lowerdir=/t', 'upperdir=/u', 'workdir=/w'];
const config: RuntimeConfig = {
  ociVersion: '1.2.0',
  process: { args: ['/bin/web'], cwd: '/srv', user: { uid: 7, gid: 8 } },
  root: { path: '/pod/rootfs' },
  mounts: [
    { destination: '/', type: 'overlay', source: 'overlay', options: overlay },
    { destination: '/dev', type: 'bind', source: '/dev', options: ['rbind', 'rshared'] },
  ],
};
const context = {
  name: 'web',
  lock: 10,
  sockets: [],
  ignoredSignals: [],
  userNamespace: undefined,
  isDirectory: () => true,
};
const calls = (changes: Partial<RuntimeConfig> = {}) =>
  compileFly({ ...config, ...changes }, context).steps.map(({ call, what = '' }) => `${call} ${what}`);
const place = (list: readonly string[], call: string) => list.findIndex((each) => each.startsWith(call));

test('compileFly() takes binds while they are shared with the host, and mounts the root when nothing is', () => {
  const list = calls();
  const [bind, enslave, root, pivot] = [
    place(list, 'open_tree bind /dev'),
    place(list, 'mount detach the mount namespace'),
    place(list, 'mount mount the root'),
    place(list, 'pivot_root'),
  ];
  assert.ok(
    place(list, 'unshare') === 0 && bind < enslave && enslave < root && root < pivot,
    list.join('\n'),
  );
});

test('compileFly() forks no process, drops no capability, filters no call', () => {
  const list = calls();
  for (const call of ['clone3', 'seccomp', 'capset', 'setns']) assert.equal(place(list, call), -1, call);
  assert.equal(
    list.some((each) => each.includes('CAP_')),
    false,
  );
});

test("compileFly() keeps the pod's lock for the app, of all that is open", () => {
  const list = calls();
  assert.ok(place(list, 'close_range') < place(list, "fcntl keep the pod's lock"));
  assert.match(list.at(-1) ?? '', /^execve/);
});

test('compileFly() makes the root read only where it is to be', () => {
  assert.equal(place(calls(), 'mount_setattr make the root'), -1);
  assert.ok(
    place(calls({ root: { path: '/pod/rootfs', readonly: true } }), 'mount_setattr make the root') > 0,
  );
});
