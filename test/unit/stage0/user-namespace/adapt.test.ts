import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamespaceIds } from '../../../../linux/user-namespace.ts';
import type { Mount, RuntimeConfig } from '../../../../schema/runtime-config.ts';
import { adaptToUserNamespace } from '../../../../stage0/user-namespace/adapt.ts';
import {
  appWithPrivateUsers,
  sandboxWithPrivateUsers,
} from '../../../../stage0/user-namespace/private-users.ts';

const many: NamespaceIds = {
  uids: [{ containerID: 0, hostID: 5, size: 65536 }],
  gids: [{ containerID: 0, hostID: 5, size: 65536 }],
  canSetGroups: true,
};
const one: NamespaceIds = {
  uids: [{ containerID: 0, hostID: 5, size: 1 }],
  gids: [{ containerID: 0, hostID: 5, size: 1 }],
  canSetGroups: false,
};
const OVERLAY: Mount = { destination: '/', type: 'overlay', options: ['lowerdir=/l'] };
const PTS: Mount = { destination: '/dev/pts', type: 'devpts', options: ['newinstance', 'gid=5'] };
const SYS: Mount = { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'ro'] };
const QUEUES: Mount = { destination: '/dev/mqueue', type: 'mqueue' };
const HOSTS: Mount = { destination: '/etc/hosts', type: 'bind', source: '/pod/etc/hosts', options: ['bind'] };
const SHM: Mount = { destination: '/dev/shm', type: 'bind', source: '/pod/shm', options: ['bind'] };
const own = [
  { type: 'network', path: 'sandbox' },
  { type: 'ipc', path: 'sandbox' },
] as const;

function config(user: object, mounts: readonly Mount[], namespaces: readonly object[] = own): RuntimeConfig {
  const process = { user: { uid: 0, gid: 0, ...user }, args: ['x'], cwd: '/' };
  return {
    ociVersion: '1.2.0',
    root: { path: '/pod/rootfs' },
    process,
    mounts,
    linux: { namespaces },
  } as RuntimeConfig;
}

test('an overlay in a user namespace keeps its marks in user.* attributes', () => {
  const { mounts } = adaptToUserNamespace('web', config({}, [OVERLAY]), many);
  assert.deepEqual(mounts?.[0]?.options, ['lowerdir=/l', 'userxattr']);
});

test('terminals belong to group 5 only where there is one', () => {
  const options = (ids: NamespaceIds) =>
    adaptToUserNamespace('web', config({}, [PTS]), ids).mounts?.[0]?.options;
  assert.deepEqual(options(many), ['newinstance', 'gid=5']);
  assert.deepEqual(options(one), ['newinstance']);
});

test('with namespaces of the host, /sys is bound read only with all below, and there is no /dev/mqueue', () => {
  assert.deepEqual(adaptToUserNamespace('web', config({}, [SYS, QUEUES]), many).mounts, [SYS, QUEUES]);
  assert.deepEqual(adaptToUserNamespace('web', config({}, [SYS, QUEUES], []), many).mounts, [
    { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', 'rnosuid', 'rro'] },
  ]);
});

for (const [what, user, ids, whom] of [
  ['user', { uid: 1 }, one, 'user 1'],
  ['group', { gid: 2 }, one, 'group 2'],
  ['supplementary group', { additionalGids: [3] }, one, 'group 3'],
  ['group, where none can be set,', { additionalGids: [0] }, one, 'supplementary groups'],
  ['user above the range', { uid: 65536 }, many, 'user 65536'],
] as const)
  test(`a ${what} who does not exist is refused in one sentence`, () => {
    assert.throws(() => adaptToUserNamespace('web', config(user, []), ids), {
      code: 'ERR_USER_NAMESPACE',
      message: `app "web" wants ${whom}, and you have no ids for ${ids === one ? 'anybody but root' : 'them'}`,
    });
  });

test('private users: the sandbox makes the namespace and its map, apps join it', () => {
  const users = { range: { first: 7_000_000, count: 65536 }, idmapped: true };
  const map = [{ containerID: 0, hostID: 7_000_000, size: 65536 }];
  const sandbox = sandboxWithPrivateUsers(config({}, []), users);
  assert.deepEqual(sandbox.linux?.namespaces?.[0], { type: 'user' });
  assert.deepEqual([sandbox.linux?.uidMappings, sandbox.linux?.gidMappings], [map, map]);
  const app = appWithPrivateUsers(
    { name: 'web', shared: ['/pod/shm'] },
    config({}, [OVERLAY, HOSTS, SHM, SYS]),
    users,
  );
  assert.deepEqual(app.linux?.namespaces?.[0], { type: 'user', path: 'sandbox' });
  const mapped = (app.mounts ?? []).map(({ destination, uidMappings }) => [destination, uidMappings]);
  assert.deepEqual(mapped, [
    ['/', map],
    ['/etc/hosts', map],
    ['/dev/shm', undefined],
    ['/sys', undefined],
  ]);
});

test('private users without idmapped mounts: nothing is mapped, the files are the range’s', () => {
  const users = { range: { first: 7_000_000, count: 65536 }, idmapped: false };
  const { mounts } = appWithPrivateUsers({ name: 'web', shared: [] }, config({}, [HOSTS]), users);
  assert.deepEqual(mounts, [
    { destination: '/', type: 'bind', source: '/pod/rootfs', options: ['bind'] },
    HOSTS,
  ]);
});
