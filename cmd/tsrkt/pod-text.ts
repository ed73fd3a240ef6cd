import type { NetInfo } from '../../schema/pod-files.ts';
import type { PortMapping } from '../../stage0/network/map-ports.ts';
import type { Nanoseconds } from '../../stage0/pod/info.ts';

/** A file's time as a Date. */
export function toDate(time: Nanoseconds): Date {
  return new Date(Number(time / 1_000_000n));
}

/** `tcp:8080->80, udp:192.0.2.1:53->5353`: the host's port, and the pod's. */
export function formatPorts(ports: readonly PortMapping[]): string {
  return ports
    .map(({ protocol, hostIP, hostPort, containerPort }) => {
      const address = hostIP === undefined ? '' : `${hostIP.includes(':') ? `[${hostIP}]` : hostIP}:`;
      return `${protocol}:${address}${hostPort}->${containerPort}`;
    })
    .join(', ');
}

/** `default:ip4=172.16.28.2, …` */
export function formatNetworks(networks: NetInfo): string {
  return networks
    .map(({ netName, ip }) => (ip === undefined ? netName : `${netName}:ip${ip.includes(':') ? 6 : 4}=${ip}`))
    .join(', ');
}
