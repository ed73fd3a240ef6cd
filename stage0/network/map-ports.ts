import { type IpAddress, ipVersion } from '../../schema/ip.ts';
import type { ExposedPort } from '../../schema/pod-manifest.ts';
import type { Port } from '../../schema/port.ts';
import { NetworkError } from './network-error.ts';

/** One forwarded port as the CNI capability `portMappings` has it. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
  /** Absent: every address of the host. */
  readonly hostIP?: IpAddress;
}

/** The forwards for the exposed ports of a pod, given the ports its apps declare; a port with a `count` gives as many. */
export function mapPorts(exposed: readonly ExposedPort[], declared: readonly Port[]): readonly PortMapping[] {
  const mappings = exposed.flatMap((each) => range(each, each.podPort ?? findPort(each.name, declared)));
  for (const [index, mapping] of mappings.entries()) {
    const other = mappings.slice(0, index).find((earlier) => collides(earlier, mapping));
    if (other !== undefined)
      throw new NetworkError(
        `host port ${mapping.hostPort}/${mapping.protocol} already mapped to pod port ${other.containerPort}`,
      );
  }
  return mappings;
}

function findPort(name: string, declared: readonly Port[]): Port {
  const [port, another] = declared.filter((each) => each.name === name);
  if (port === undefined) throw new NetworkError(`port name "${name}" could not be found in any apps`);
  if (another !== undefined) throw new NetworkError(`port name "${name}" defined multiple apps`);
  return port;
}

function range(
  { name, hostPort, hostIP }: ExposedPort,
  { port, count, protocol }: Port,
): readonly PortMapping[] {
  if (hostPort + count > 65_536)
    throw new NetworkError(
      `port "${name}": the last of ${count} host ports from ${hostPort} on is above 65535`,
    );
  return Array.from({ length: count }, (_, index) => ({
    hostPort: hostPort + index,
    containerPort: port + index,
    protocol,
    ...(hostIP === undefined ? {} : { hostIP }),
  }));
}

function collides(one: PortMapping, other: PortMapping): boolean {
  if (one.hostPort !== other.hostPort || one.protocol !== other.protocol) return false;
  const [a, b] = [one.hostIP, other.hostIP];
  return a === undefined || b === undefined || a === b || isAny(a) || isAny(b);
}

function isAny(address: IpAddress): boolean {
  return address === '0.0.0.0' || (ipVersion(address) === 6 && /^[0:]+$/.test(address));
}
