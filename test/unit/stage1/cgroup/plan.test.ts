import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hierarchy } from '../../../../linux/cgroup.ts';
import type { Resources } from '../../../../schema/runtime-config.ts';
import { placeOf } from '../../../../stage1/cgroup/place.ts';
import { planCgroup, planned } from '../../../../stage1/cgroup/plan.ts';
import { ALL_V1, ALL_V2, v1, v2 } from './hosts.ts';

const RESOURCES: Resources = { memory: { limit: 1n }, pids: { limit: 9n }, cpu: { shares: 2n } };

const plan = (resources: Resources, ...hierarchies: Hierarchy[]) =>
  planCgroup({ path: 'pod/app', resources }, hierarchies);

test('a relative path is below our own cgroup, and ours from its first part on', () => {
  assert.deepEqual(placeOf('pod/app', v1('memory')), {
    base: '/sys/fs/cgroup/memory/own',
    directories: ['/sys/fs/cgroup/memory/own/pod', '/sys/fs/cgroup/memory/own/pod/app'],
    leaf: '/sys/fs/cgroup/memory/own/pod/app',
    remove: '/sys/fs/cgroup/memory/own/pod',
  });
});

test('an absolute path is below the mount point, and only its end is ours', () => {
  const { base, leaf, remove } = placeOf('/libpod_parent/libpod-1', v2('delegated'));
  assert.deepEqual(
    [base, leaf, remove],
    ['/sys/fs/cgroup', '/sys/fs/cgroup/libpod_parent/libpod-1', '/sys/fs/cgroup/libpod_parent/libpod-1'],
  );
});

test('no path leads out of the hierarchy', () => {
  assert.equal(placeOf('../../../etc', v1('memory')).leaf, '/sys/fs/cgroup/memory/own/etc');
  assert.equal(placeOf('/../../etc', v2('root')).leaf, '/sys/fs/cgroup/etc');
  for (const path of ['', '/', '..', '/a/..'])
    assert.throws(() => placeOf(path, v2('root')), { code: 'ERR_CGROUP' }, path);
});

test('in a delegated unit the supervisor makes room, in another’s cgroup it does not go below', () => {
  const delegated = placeOf('pod', v2('delegated'));
  assert.deepEqual(
    [delegated.leaf, delegated.vacate],
    ['/sys/fs/cgroup/own/pod', '/sys/fs/cgroup/own/supervisor'],
  );
  assert.deepEqual(
    [placeOf('pod', v2('root')).leaf, placeOf('pod', v2('root')).vacate],
    ['/sys/fs/cgroup/pod', undefined],
  );
  assert.deepEqual(
    [placeOf('pod', v2('foreign')).leaf, placeOf('pod', v2('foreign')).vacate],
    ['/sys/fs/cgroup/pod', undefined],
  );
});

test('on v1 each limit goes to its controller’s hierarchy, and only those are used', () => {
  const { parts, warnings } = plan(RESOURCES, ...ALL_V1);
  assert.deepEqual(
    parts.map(({ place, settings }) => `${place.leaf}: ${settings.map(({ file }) => file)}`),
    [
      '/sys/fs/cgroup/cpu,cpuacct/own/pod/app: cpu.shares',
      '/sys/fs/cgroup/memory/own/pod/app: memory.limit_in_bytes',
      '/sys/fs/cgroup/pids/own/pod/app: pids.max',
    ],
  );
  assert.deepEqual(warnings, []);
});

test('on v1, everywhere means every hierarchy but systemd’s own', () => {
  const { parts } = planCgroup({ path: 'a', resources: {}, everywhere: true }, ALL_V1);
  assert.deepEqual(
    parts.flatMap(({ controllers }) => controllers),
    ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'blkio', 'devices', 'freezer'],
  );
});

test('on v2 there is always a cgroup, with the controllers that limits need', () => {
  const { parts } = plan(RESOURCES, v2('root', ...ALL_V2));
  assert.deepEqual(
    parts.map(({ controllers }) => controllers),
    [['cpu', 'memory', 'pids']],
  );
  assert.deepEqual(
    plan({}, v2('root', ...ALL_V2)).parts.map(({ controllers }) => controllers),
    [[]],
  );
});

test('on a hybrid host v1 has what is attached to it, v2 the rest', () => {
  const resources: Resources = {
    ...RESOURCES,
    hugepageLimits: [{ pageSize: '2MB', limit: 1n }],
    blockIO: { weight: 10 },
  };
  const { parts, warnings } = plan(resources, v1('memory'), v1('blkio'), v2('root', 'hugetlb', 'pids', 'io'));
  assert.deepEqual(
    parts.map(({ version, settings }) => `${version}: ${settings.map(({ file }) => file)}`),
    ['1: memory.limit_in_bytes', '1: blkio.bfq.weight', '2: pids.max,hugetlb.2MB.max,hugetlb.2MB.rsvd.max'],
  );
  assert.deepEqual(warnings, ['the CPU shares do not apply: this host has no cgroup controller "cpu"']);
});

test('a limit without a controller is a warning that names both', () => {
  assert.deepEqual(plan({ memory: { limit: 1n } }, v2('root', 'pids')).warnings, [
    'the memory limit does not apply: this host has no cgroup controller "memory"',
  ]);
  assert.deepEqual(plan({ memory: { limit: 1n, swappiness: 3n } }, v2('root', 'memory')).warnings, [
    'the memory swappiness does not apply: the memory controller of cgroup v2 has none',
  ]);
  assert.deepEqual(plan({ memory: { kernel: 1n } }, ...ALL_V1).warnings, [
    'the kernel memory limit does not apply: kernels have given it up',
  ]);
});

test('what v2 can do depends on where the cgroup is: another’s session may lack what the mount point has', () => {
  const resources: Resources = { cpu: { shares: 2n } };
  const controllersFor = (path: string, ownership: Hierarchy['ownership']) => {
    const host: Hierarchy = { ...v2(ownership, 'cpu'), ownControllers: ['memory'] };
    return planCgroup({ path, resources }, [host]).parts[0]?.controllers;
  };
  assert.deepEqual(controllersFor('pod', 'foreign'), ['cpu']);
  assert.deepEqual(controllersFor('pod', 'delegated'), []);
  assert.deepEqual(controllersFor('/pod', 'delegated'), ['cpu']);
});

test('devices: the v1 controller where it is attached, else a program on the v2 cgroup, else a warning', () => {
  const resources: Resources = { devices: [{ allow: false, access: 'rwm' }] };
  const [devices] = plan(resources, ...ALL_V1, v2('root')).parts;
  assert.equal(devices?.settings[0]?.content, 'a *:* rwm');
  assert.equal(devices?.deviceProgram.length, 0);
  const [unified] = plan(resources, v1('memory'), v2('root')).parts;
  assert.equal(unified?.version, 2);
  assert.ok(unified!.deviceProgram.length > 0);
  assert.deepEqual(plan(resources, v1('memory')).warnings, [
    'the device rules do not apply: this host has no cgroups',
  ]);
});

test('unified is required: without its controller in v2 it is an error, as the runtime specification says', () => {
  const resources: Resources = { unified: { 'memory.high': '1' } };
  assert.throws(() => plan(resources, ...ALL_V1), {
    code: 'ERR_CGROUP',
    message: 'set memory.high: this host has no cgroup v2 controller "memory"',
  });
  assert.equal(plan(resources, v2('root', 'memory')).parts[0]?.settings[0]?.file, 'memory.high');
  assert.equal(plan({ unified: { 'cgroup.max.depth': '3' } }, v2('root')).parts.length, 1);
});

test('planned() says what to join and what to remove, as plain data', () => {
  const record = planned(plan(RESOURCES, v1('memory'), v2('delegated', 'pids', 'cpu')));
  assert.deepEqual(JSON.parse(JSON.stringify(record)), {
    join: ['/sys/fs/cgroup/memory/own/pod/app', '/sys/fs/cgroup/own/pod/app'],
    remove: ['/sys/fs/cgroup/memory/own/pod', '/sys/fs/cgroup/own/pod'],
  });
});
