import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resources } from '../../../../schema/runtime-config.ts';
import type { Setting } from '../../../../stage1/cgroup/setting.ts';
import { settingsV1 } from '../../../../stage1/cgroup/settings-v1.ts';
import { cpuWeight, ioWeight, settingsV2 } from '../../../../stage1/cgroup/settings-v2.ts';

const show = (settings: readonly Setting[]) => settings.map(({ file, content }) => `${file} ${content}`);
const v1 = (resources: Resources) => show(settingsV1(resources));
const v2 = (resources: Resources) => show(settingsV2(resources));

test('memory: limit, swap and reservation, in the order the kernel wants', () => {
  const memory = { limit: 100n, swap: 150n, reservation: 50n };
  assert.deepEqual(v1({ memory }), [
    'memory.limit_in_bytes 100',
    'memory.memsw.limit_in_bytes 150',
    'memory.soft_limit_in_bytes 50',
  ]);
  assert.deepEqual(v2({ memory }), ['memory.swap.max 50', 'memory.max 100', 'memory.low 50']);
});

test('memory: −1 is no limit, 0 is not set', () => {
  assert.deepEqual(v2({ memory: { limit: -1n } }), ['memory.swap.max max', 'memory.max max']);
  assert.deepEqual(v2({ memory: { limit: 5n, swap: -1n } }), ['memory.swap.max max', 'memory.max 5']);
  assert.deepEqual(v2({ memory: { limit: 5n, swap: 5n } }), ['memory.swap.max 0', 'memory.max 5']);
  assert.deepEqual(v2({ memory: { limit: 0n, swap: 0n, reservation: 0n } }), []);
  assert.deepEqual(v1({ memory: { limit: 0n, swap: 0n } }), []);
});

test('memory: a swap limit without or below the memory limit is refused in v2, where they are apart', () => {
  assert.throws(() => v2({ memory: { swap: 10n } }), { code: 'ERR_CGROUP', message: /needs a memory limit/ });
  assert.throws(() => v2({ memory: { limit: 20n, swap: 10n } }), { message: /10, is less than memory, 20/ });
});

test('memory: swappiness and the OOM killer’s switch are v1’s', () => {
  const memory = { swappiness: 0n, disableOOMKiller: true };
  assert.deepEqual(v1({ memory }), ['memory.swappiness 0', 'memory.oom_control 1']);
  assert.deepEqual(v2({ memory }), []);
});

test('cpu: quota and period are one file in v2 and two in v1', () => {
  const cpu = { shares: 512n, quota: 50_000n, period: 100_000n, burst: 10_000n, idle: 0n };
  assert.deepEqual(v1({ cpu }), [
    'cpu.shares 512',
    'cpu.cfs_period_us 100000',
    'cpu.cfs_quota_us 50000',
    'cpu.cfs_burst_us 10000',
    'cpu.idle 0',
  ]);
  assert.deepEqual(v2({ cpu }), [
    'cpu.weight 59',
    'cpu.max 50000 100000',
    'cpu.max.burst 10000',
    'cpu.idle 0',
  ]);
  assert.deepEqual(v2({ cpu: { quota: -1n } }), ['cpu.max max 100000']);
  assert.deepEqual(v2({ cpu: { period: 20_000n } }), ['cpu.max max 20000']);
  assert.deepEqual(v2({ cpu: { quota: 0n, period: 0n } }), []);
});

test('cpuWeight() is runc’s and crun’s curve through the smallest, the default and the largest', () => {
  const weights = [1n, 2n, 3n, 100n, 512n, 1024n, 2048n, 100_000n, 262_144n, 300_000n].map(cpuWeight);
  assert.deepEqual(weights, [1, 1, 2, 17, 59, 100, 174, 4340, 10_000, 10_000]);
});

test('cpuset and pids are the same in both versions; no processes is a limit', () => {
  const resources: Resources = { cpu: { cpus: '0-1', mems: '0' }, pids: { limit: 0n } };
  const expected = ['cpuset.cpus 0-1', 'cpuset.mems 0', 'pids.max 0'];
  assert.deepEqual(v1(resources), expected);
  assert.deepEqual(v2(resources), expected);
  assert.deepEqual(v2({ pids: { limit: -1n } }), ['pids.max max']);
  assert.deepEqual(v2({ cpu: { cpus: '' } }), []);
});

test('block I/O: weights and throttles', () => {
  const device = { major: 8, minor: 16 };
  const blockIO = {
    weight: 500,
    leafWeight: 300,
    weightDevice: [{ ...device, weight: 200 }],
    throttleReadBpsDevice: [{ ...device, rate: 1048576n }],
    throttleWriteIOPSDevice: [{ ...device, rate: 0n }],
  };
  assert.deepEqual(v1({ blockIO }), [
    'blkio.bfq.weight 500',
    'blkio.leaf_weight 300',
    'blkio.bfq.weight_device 8:16 200',
    'blkio.throttle.read_bps_device 8:16 1048576',
    'blkio.throttle.write_iops_device 8:16 0',
  ]);
  assert.deepEqual(v2({ blockIO }), [
    'io.bfq.weight 500',
    'io.bfq.weight 8:16 200',
    'io.max 8:16 rbps=1048576',
    'io.max 8:16 wiops=max',
  ]);
  assert.deepEqual(settingsV2({ blockIO })[0]?.otherwise, { file: 'io.weight', content: '4950' });
  assert.deepEqual([10, 100, 1000].map(ioWeight), [1, 910, 10_000]);
});

test('huge pages are limited when used and, where the kernel can, when reserved', () => {
  const resources: Resources = { hugepageLimits: [{ pageSize: '2MB', limit: 9n }] };
  assert.deepEqual(v1(resources), ['hugetlb.2MB.limit_in_bytes 9', 'hugetlb.2MB.rsvd.limit_in_bytes 9']);
  assert.deepEqual(v2(resources), ['hugetlb.2MB.max 9', 'hugetlb.2MB.rsvd.max 9']);
});

test('RDMA, network class and priority', () => {
  const resources: Resources = {
    rdma: { mlx5_1: { hcaHandles: 3 } },
    network: { classID: 1048577, priorities: [{ name: 'eth0', priority: 5 }] },
  };
  const rdma = 'rdma.max mlx5_1 hca_handle=3 hca_object=max';
  assert.deepEqual(v1(resources), [rdma, 'net_cls.classid 1048577', 'net_prio.ifpriomap eth0 5']);
  assert.deepEqual(v2(resources), [rdma]);
});

test('unified: every file as it is, by the controller its name begins with', () => {
  const [first] = settingsV2({ unified: { 'memory.high': '10485760' } });
  assert.deepEqual(first, {
    controller: 'memory',
    file: 'memory.high',
    content: '10485760',
    limit: 'memory.high',
    missing: 'required',
  });
});
