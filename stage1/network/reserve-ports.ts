import { closeSync } from 'node:fs';
import { bindSocket } from '../../linux/socket.ts';
import { hasCode } from '../../linux/system-error.ts';
import { array, integer, object, oneOf, optional } from '../../schema/decode.ts';
import { ipAddress } from '../../schema/ip.ts';
import type { PodNetwork } from '../../schema/pod-files.ts';
import { NetworkError } from './network-error.ts';

/** The CNI capability of that name: what the portmap plugin forwards. */
const portMappings = array(
  object({
    hostPort: integer(1, 65_535),
    containerPort: integer(1, 65_535),
    protocol: oneOf('tcp', 'udp'),
    hostIP: optional(ipAddress),
  }),
);

export interface ReservedPorts extends Disposable {
  readonly fds: readonly number[];
}

/**
 * Takes the host ports that the pod's networks forward, until disposed of: forwarding would silently take them away from
 * another pod or a service of the host, or not work. They are bound sockets, so the kernel gives them back when we end.
 */
export function reservePorts(network: PodNetwork): ReservedPorts {
  const sockets: number[] = [];
  const dispose = () => {
    for (const fd of sockets.splice(0)) closeSync(fd);
  };
  try {
    for (const address of portsToReserve(network)) sockets.push(...reserve(address));
    return { fds: [...sockets], [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

interface HostPort {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

/** A mapping without an address of the host is for all of them. */
export function portsToReserve(network: PodNetwork): readonly HostPort[] {
  const networks = network.mode === 'cni' ? network.networks : [];
  return networks.flatMap(({ name, runtimeConfig }) => {
    const mappings = portMappings(runtimeConfig?.['portMappings'] ?? [], `network "${name}": portMappings`);
    return mappings.flatMap(({ hostIP, hostPort, protocol }) =>
      (hostIP === undefined ? ['0.0.0.0', '::'] : [hostIP]).map((address) => ({
        protocol,
        address,
        port: hostPort,
      })),
    );
  });
}

/** An address that the host does not have now, or a family it does not speak, is nobody's. */
function reserve(address: HostPort): readonly number[] {
  try {
    return [bindSocket(address)];
  } catch (error) {
    if (hasCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) return [];
    if (!hasCode(error, 'EADDRINUSE')) throw error;
    throw new NetworkError(
      `forward host port ${address.port}/${address.protocol}: in use by another pod or a program of the host`,
    );
  }
}
