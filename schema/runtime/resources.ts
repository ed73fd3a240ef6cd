import { cString, nonEmpty } from '../c-string.ts';
import { array, boolean, type Infer, integer, matching, object, oneOf, optional, record } from '../decode.ts';
import { int64, uint16, uint32, uint64 } from '../integer.ts';

export type Resources = Infer<typeof linuxResources>;
export type DeviceCgroup = Infer<typeof deviceCgroup>;
export type Memory = Infer<typeof memory>;
export type Cpu = Infer<typeof cpu>;
export type Pids = Infer<typeof pids>;
export type BlockIO = Infer<typeof blockIO>;
export type WeightDevice = Infer<typeof weightDevice>;
export type ThrottleDevice = Infer<typeof throttleDevice>;
export type HugepageLimit = Infer<typeof hugepageLimit>;
export type Network = Infer<typeof network>;
export type Rdma = Infer<typeof rdma>;

/** −1 or nothing means every number. */
const deviceNumber = integer(-1, 0xffff_ffff);

const deviceCgroup = object({
  allow: boolean,
  type: optional(oneOf('', 'a', 'b', 'c')),
  major: optional(deviceNumber),
  minor: optional(deviceNumber),
  access: optional(matching(/^[rwm]*$/, 'some of the letters r, w and m')),
});

/** Bytes; −1 takes a limit away. */
const memory = object({
  limit: optional(int64),
  reservation: optional(int64),
  swap: optional(int64),
  kernel: optional(int64),
  kernelTCP: optional(int64),
  swappiness: optional(uint64),
  disableOOMKiller: optional(boolean),
  useHierarchy: optional(boolean),
  checkBeforeUpdate: optional(boolean),
});

/** Times are in microseconds. */
const cpu = object({
  shares: optional(uint64),
  quota: optional(int64),
  burst: optional(uint64),
  period: optional(uint64),
  realtimeRuntime: optional(int64),
  realtimePeriod: optional(uint64),
  cpus: optional(cString),
  mems: optional(cString),
  idle: optional(int64),
});

const pids = object({ limit: optional(int64) });

const blockDevice = { major: integer(0, 0xffff_ffff), minor: integer(0, 0xffff_ffff) };
const weightDevice = object({ ...blockDevice, weight: optional(uint16), leafWeight: optional(uint16) });
const throttleDevice = object({ ...blockDevice, rate: uint64 });

const blockIO = object({
  weight: optional(uint16),
  leafWeight: optional(uint16),
  weightDevice: optional(array(weightDevice)),
  throttleReadBpsDevice: optional(array(throttleDevice)),
  throttleWriteBpsDevice: optional(array(throttleDevice)),
  throttleReadIOPSDevice: optional(array(throttleDevice)),
  throttleWriteIOPSDevice: optional(array(throttleDevice)),
});

const hugepageLimit = object({
  pageSize: matching(/^[1-9][0-9]*[KMG]B$/, 'a page size such as "2MB"'),
  limit: uint64,
});

const network = object({
  classID: optional(uint32),
  priorities: optional(array(object({ name: nonEmpty, priority: uint32 }))),
});

const rdma = object({ hcaHandles: optional(uint32), hcaObjects: optional(uint32) });

/** A key of `unified` is a file's name in the cgroup, and must not lead out of it. */
const cgroupFile = matching(/^(?!\.\.?$)[^/\0]+$/, 'the name of a cgroup file such as "memory.high"');

/** Limits of a container's cgroup (config-linux.md, control groups); also the document `update --resources` reads. */
export const linuxResources = object({
  devices: optional(array(deviceCgroup)),
  memory: optional(memory),
  cpu: optional(cpu),
  pids: optional(pids),
  blockIO: optional(blockIO),
  hugepageLimits: optional(array(hugepageLimit)),
  network: optional(network),
  rdma: optional(record(rdma)),
  unified: optional(record(cString, cgroupFile)),
});
