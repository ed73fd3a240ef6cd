import type { BlockIO, Cpu, Memory, Resources, ThrottleDevice } from '../../schema/runtime/resources.ts';
import { CgroupError, type Setting, setting, unlessZero } from './setting.ts';

/** What `linux.resources` means for a cgroup of the unified hierarchy (cgroup-v2.rst), devices apart. */
export function settingsV2(resources: Resources): readonly Setting[] {
  const {
    memory = {},
    cpu = {},
    pids,
    blockIO = {},
    hugepageLimits = [],
    rdma = {},
    unified = {},
  } = resources;
  return [
    ...memorySettings(memory),
    ...cpuSettings(cpu),
    ...cpusetSettings(cpu),
    ...pidsSettings(pids),
    ...ioSettings(blockIO),
    ...hugepageLimits.flatMap(({ pageSize, limit }) => hugepageSettings(pageSize, limit)),
    ...rdmaSettings(rdma),
    ...Object.entries(unified).map(([file, content]) => unifiedSetting(file, content)),
  ];
}

function memorySettings({ limit, reservation, swap }: Memory): readonly Setting[] {
  const about = (file: string, what: string) => ({ controller: 'memory', file, limit: what });
  return [
    ...swapSetting(limit, swap),
    ...setting(unlessZero(limit), about('memory.max', 'memory limit'), orMax),
    ...setting(unlessZero(reservation), about('memory.low', 'memory reservation'), orMax),
  ];
}

function swapSetting(limit = 0n, swap = 0n): readonly Setting[] {
  const bytes = swapBytes(limit, swap);
  if (bytes === undefined) return [];
  const about = { controller: 'memory', file: 'memory.swap.max', limit: 'swap limit', content: orMax(bytes) };
  return [bytes > 0n ? about : { ...about, missing: 'expendable' }]; // none, or no limit, is what a kernel without swap has
}

/** v1's swap is memory and swap together, v2's is swap alone. Negative: no limit; undefined: nothing to set. */
function swapBytes(limit: bigint, swap: bigint): bigint | undefined {
  if (swap < 0n || (swap === 0n && limit < 0n)) return -1n;
  if (swap === 0n) return undefined;
  if (limit < 0n) return swap;
  if (limit === 0n) throw new CgroupError('limit swap: a swap limit needs a memory limit');
  if (limit > swap)
    throw new CgroupError(`limit swap: memory and swap, ${swap}, is less than memory, ${limit}`);
  return swap - limit;
}

const DEFAULT_PERIOD = 100_000n;

/** An idle cgroup's weight cannot be written, so the weight comes first; a burst must fit the quota, so it comes behind it. */
function cpuSettings({ shares, quota, period, burst, idle }: Cpu): readonly Setting[] {
  const about = (file: string, what: string) => ({ controller: 'cpu', file, limit: what });
  const hasQuota = unlessZero(quota) !== undefined || unlessZero(period) !== undefined;
  const max = `${orMax(quota === 0n ? -1n : (quota ?? -1n))} ${period || DEFAULT_PERIOD}`;
  return [
    ...setting(unlessZero(shares), about('cpu.weight', 'CPU shares'), (value) => String(cpuWeight(value))),
    ...setting(hasQuota ? max : undefined, about('cpu.max', 'CPU quota')),
    ...setting(burst, about('cpu.max.burst', 'CPU burst')),
    ...setting(idle, about('cpu.idle', 'CPU idle class')),
  ];
}

/**
 * CPU shares, from 2 to 262144 with 1024 as the default, as a weight from 1 to 10000 with 100 as the default: runc's and
 * crun's curve, a parabola of logarithms through these three.
 */
export function cpuWeight(shares: bigint): number {
  if (shares <= 2n) return 1;
  if (shares >= 262_144n) return 10_000;
  const l = Math.log2(Number(shares));
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

function ioSettings(blockIO: BlockIO): readonly Setting[] {
  const { weight, weightDevice = [] } = blockIO;
  const about = { controller: 'io', limit: 'block I/O weight' };
  return [
    ...(weight
      ? [
          {
            ...about,
            file: 'io.bfq.weight',
            content: String(weight),
            otherwise: { file: 'io.weight', content: String(ioWeight(weight)) },
          },
        ]
      : []),
    ...weightDevice.flatMap((device) =>
      device.weight
        ? [{ ...about, file: 'io.bfq.weight', content: `${device.major}:${device.minor} ${device.weight}` }]
        : [],
    ),
    ...throttle('rbps', blockIO.throttleReadBpsDevice),
    ...throttle('wbps', blockIO.throttleWriteBpsDevice),
    ...throttle('riops', blockIO.throttleReadIOPSDevice),
    ...throttle('wiops', blockIO.throttleWriteIOPSDevice),
  ];
}

/** A blkio weight, 10 to 1000, on the scale of io.weight, 1 to 10000 (runtime-spec's and runc's line). */
export function ioWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

function throttle(key: string, devices: readonly ThrottleDevice[] = []): readonly Setting[] {
  return devices.map(({ major, minor, rate }) => ({
    controller: 'io',
    file: 'io.max',
    content: `${major}:${minor} ${key}=${rate || 'max'}`,
    limit: 'block I/O throttle',
  }));
}

function hugepageSettings(pageSize: string, limit: bigint): readonly Setting[] {
  const about = { controller: 'hugetlb', content: String(limit), limit: `${pageSize} page limit` };
  return [
    { ...about, file: `hugetlb.${pageSize}.max` },
    { ...about, file: `hugetlb.${pageSize}.rsvd.max`, missing: 'expendable' },
  ];
}

/** The same files in both versions. */
export function cpusetSettings({ cpus, mems }: Cpu): readonly Setting[] {
  const about = (file: string, what: string) => ({ controller: 'cpuset', file, limit: what });
  return [
    ...setting(cpus || undefined, about('cpuset.cpus', 'choice of CPUs')),
    ...setting(mems || undefined, about('cpuset.mems', 'choice of memory nodes')),
  ];
}

/** The same in both versions; 0 is a limit. */
export function pidsSettings(pids: Resources['pids']): readonly Setting[] {
  return setting(pids?.limit, { controller: 'pids', file: 'pids.max', limit: 'process limit' }, orMax);
}

/** The same in both versions. */
export function rdmaSettings(rdma: NonNullable<Resources['rdma']>): readonly Setting[] {
  return Object.entries(rdma).map(([device, { hcaHandles, hcaObjects }]) => ({
    controller: 'rdma',
    file: 'rdma.max',
    content: [device, `hca_handle=${hcaHandles ?? 'max'}`, `hca_object=${hcaObjects ?? 'max'}`].join(' '),
    limit: `RDMA limit of ${device}`,
  }));
}

/** The controller is the first part of a file's name; `cgroup.…` belongs to all cgroups. */
function unifiedSetting(file: string, content: string): Setting {
  return { controller: file.split('.')[0] ?? '', file, content, limit: file, missing: 'required' };
}

function orMax(value: bigint): string {
  return value < 0n ? 'max' : String(value);
}
