import { type Isolator, isolatorValue } from '../../schema/isolator.ts';
import { type Quantity, quantityMillis, quantityUnits } from '../../schema/quantity.ts';
import type { Resources } from '../../schema/runtime-config.ts';
import type { BlockDevice } from './block-devices.ts';

/** The limits that the isolators of an app or of a pod set for its cgroup; `disks` is asked only where one is about disks. */
export function resourcesOf(isolators: readonly Isolator[], disks: () => readonly BlockDevice[]): Resources {
  return {
    ...unlessEmpty('memory', memory(isolators)),
    ...unlessEmpty('cpu', cpu(isolators)),
    ...unlessEmpty('blockIO', blockIO(isolators, disks)),
  };
}

function memory(isolators: readonly Isolator[]): NonNullable<Resources['memory']> {
  const { request, limit } = isolatorValue(isolators, 'resource/memory') ?? {};
  return {
    ...(limit === undefined ? {} : { limit: quantityUnits(limit) }),
    ...(request === undefined ? {} : { reservation: quantityUnits(request) }),
  };
}

const PERIOD_US = 100_000n;

/** A quota of less than a millisecond is none to the kernel. */
const LEAST_QUOTA_US = 1000n;

/** What is requested is a share of what the machine has, unless shares are said as such. */
function cpu(isolators: readonly Isolator[]): NonNullable<Resources['cpu']> {
  const { request, limit } = isolatorValue(isolators, 'resource/cpu') ?? {};
  const shares = isolatorValue(isolators, 'os/linux/cpu-shares') ?? (request && sharesOf(request));
  return {
    ...(shares === undefined ? {} : { shares: BigInt(shares) }),
    ...(limit === undefined ? {} : { quota: quotaOf(limit), period: PERIOD_US }),
  };
}

function quotaOf(limit: Quantity): bigint {
  const quota = (quantityMillis(limit) * PERIOD_US) / 1000n;
  return quota > LEAST_QUOTA_US ? quota : LEAST_QUOTA_US;
}

/** 1024 shares are one CPU, as everywhere; the kernel takes 2 to 262144. */
function sharesOf(request: Quantity): bigint {
  const shares = (quantityMillis(request) * 1024n) / 1000n;
  if (shares < 2n) return 2n;
  return shares > 262_144n ? 262_144n : shares;
}

/** Both limits are for every disk, for what is read and for what is written. */
function blockIO(isolators: readonly Isolator[], disks: () => readonly BlockDevice[]) {
  const bandwidth = isolatorValue(isolators, 'resource/block-bandwidth')?.limit;
  const iops = isolatorValue(isolators, 'resource/block-iops')?.limit;
  const throttle = (limit: Quantity) => disks().map((disk) => ({ ...disk, rate: quantityUnits(limit) }));
  const bytes = bandwidth === undefined ? [] : throttle(bandwidth);
  const operations = iops === undefined ? [] : throttle(iops);
  return {
    ...(bytes.length === 0 ? {} : { throttleReadBpsDevice: bytes, throttleWriteBpsDevice: bytes }),
    ...(operations.length === 0
      ? {}
      : { throttleReadIOPSDevice: operations, throttleWriteIOPSDevice: operations }),
  };
}

function unlessEmpty<K extends keyof Resources>(key: K, value: Resources[K] & object): Partial<Resources> {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}
