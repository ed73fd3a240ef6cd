import type { NetInfo } from '../../schema/pod-files.ts';
import type { Nanoseconds } from '../../stage0/pod/info.ts';

/** A file's time as a Date. */
export function toDate(time: Nanoseconds): Date {
  return new Date(Number(time / 1_000_000n));
}

/** `default:ip4=172.16.28.2, …` */
export function formatNetworks(networks: NetInfo): string {
  return networks
    .map(({ netName, ip }) => (ip === undefined ? netName : `${netName}:ip${ip.includes(':') ? 6 : 4}=${ip}`))
    .join(', ');
}
