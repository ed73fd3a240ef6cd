import type {
  BlockIO,
  Cpu,
  Memory,
  Network,
  Resources,
  ThrottleDevice,
} from '../../schema/runtime/resources.ts';
import { type Setting, setting, unlessZero } from './setting.ts';
import { cpusetSettings, pidsSettings, rdmaSettings } from './settings-v2.ts';

/** What `linux.resources` means for cgroups of v1 hierarchies (cgroup-v1/), devices and `unified` apart. */
export function settingsV1(resources: Resources): readonly Setting[] {
  const {
    memory = {},
    cpu = {},
    pids,
    blockIO = {},
    hugepageLimits = [],
    rdma = {},
    network = {},
  } = resources;
  return [
    ...memorySettings(memory),
    ...cpuSettings(cpu),
    ...cpusetSettings(cpu),
    ...pidsSettings(pids),
    ...blockSettings(blockIO),
    ...hugepageLimits.flatMap(({ pageSize, limit }) => hugepageSettings(pageSize, limit)),
    ...rdmaSettings(rdma),
    ...networkSettings(network),
  ];
}

/** Memory and swap together cannot be less than memory, so memory comes first; in a new cgroup both are unlimited. */
function memorySettings(memory: Memory): readonly Setting[] {
  const { limit, reservation, swap, swappiness, disableOOMKiller } = memory;
  const about = (file: string, what: string) => ({ controller: 'memory', file, limit: what });
  return [
    ...setting(unlessZero(limit), about('memory.limit_in_bytes', 'memory limit')),
    ...setting(unlessZero(swap), about('memory.memsw.limit_in_bytes', 'swap limit')),
    ...setting(unlessZero(reservation), about('memory.soft_limit_in_bytes', 'memory reservation')),
    ...setting(swappiness, about('memory.swappiness', 'memory swappiness')),
    ...setting(disableOOMKiller ? 1 : undefined, about('memory.oom_control', 'OOM killer switch')),
  ];
}

/** A period must be there before its quota, the quota before a burst, and the shares before a cgroup is idle. */
function cpuSettings(cpu: Cpu): readonly Setting[] {
  const about = (file: string, what: string) => ({ controller: 'cpu', file, limit: what });
  return [
    ...setting(unlessZero(cpu.shares), about('cpu.shares', 'CPU shares')),
    ...setting(unlessZero(cpu.period), about('cpu.cfs_period_us', 'CPU quota')),
    ...setting(unlessZero(cpu.quota), about('cpu.cfs_quota_us', 'CPU quota')),
    ...setting(cpu.burst, about('cpu.cfs_burst_us', 'CPU burst')),
    ...setting(cpu.idle, about('cpu.idle', 'CPU idle class')),
    ...setting(unlessZero(cpu.realtimePeriod), about('cpu.rt_period_us', 'real-time CPU period')),
    ...setting(unlessZero(cpu.realtimeRuntime), about('cpu.rt_runtime_us', 'real-time CPU limit')),
  ];
}

function blockSettings(blockIO: BlockIO): readonly Setting[] {
  const { weight, leafWeight, weightDevice = [] } = blockIO;
  return [
    ...(weight ? [weightSetting('weight', String(weight))] : []),
    ...(leafWeight ? [leafSetting('leaf_weight', String(leafWeight))] : []),
    ...weightDevice.flatMap(({ major, minor, weight: own, leafWeight: leaf }) => [
      ...(own ? [weightSetting('weight_device', `${major}:${minor} ${own}`)] : []),
      ...(leaf ? [leafSetting('leaf_weight_device', `${major}:${minor} ${leaf}`)] : []),
    ]),
    ...throttle('read_bps_device', blockIO.throttleReadBpsDevice),
    ...throttle('write_bps_device', blockIO.throttleWriteBpsDevice),
    ...throttle('read_iops_device', blockIO.throttleReadIOPSDevice),
    ...throttle('write_iops_device', blockIO.throttleWriteIOPSDevice),
  ];
}

/** The names of CFQ, gone since Linux 5.0, where BFQ's are not there. */
function weightSetting(name: string, content: string): Setting {
  const about = { controller: 'blkio', content, limit: 'block I/O weight' };
  return { ...about, file: `blkio.bfq.${name}`, otherwise: { file: `blkio.${name}`, content } };
}

function leafSetting(name: string, content: string): Setting {
  return { controller: 'blkio', file: `blkio.${name}`, content, limit: 'block I/O leaf weight' };
}

function throttle(name: string, devices: readonly ThrottleDevice[] = []): readonly Setting[] {
  return devices.map(({ major, minor, rate }) => ({
    controller: 'blkio',
    file: `blkio.throttle.${name}`,
    content: `${major}:${minor} ${rate}`,
    limit: 'block I/O throttle',
  }));
}

function hugepageSettings(pageSize: string, limit: bigint): readonly Setting[] {
  const about = { controller: 'hugetlb', content: String(limit), limit: `${pageSize} page limit` };
  return [
    { ...about, file: `hugetlb.${pageSize}.limit_in_bytes` },
    { ...about, file: `hugetlb.${pageSize}.rsvd.limit_in_bytes`, missing: 'expendable' },
  ];
}

function networkSettings({ classID, priorities = [] }: Network): readonly Setting[] {
  return [
    ...setting(classID, { controller: 'net_cls', file: 'net_cls.classid', limit: 'network class' }),
    ...priorities.map(({ name, priority }) => ({
      controller: 'net_prio',
      file: 'net_prio.ifpriomap',
      content: `${name} ${priority}`,
      limit: 'network priority',
    })),
  ];
}
