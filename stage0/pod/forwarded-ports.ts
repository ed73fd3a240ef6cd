import { array, integer, object, oneOf, optional } from '../../schema/decode.ts';
import { ipAddress } from '../../schema/ip.ts';
import type { PodNetwork } from '../../schema/pod-files.ts';
import type { PortMapping } from '../network/map-ports.ts';

/** What the CNI capability `portMappings` holds. */
const mappings = array(
  object({
    hostPort: integer(1, 65_535),
    containerPort: integer(1, 65_535),
    protocol: oneOf('tcp', 'udp'),
    hostIP: optional(ipAddress),
  }),
);

/** The ports of the host that a pod's network forwards to it. */
export function forwardedPorts(network: PodNetwork): readonly PortMapping[] {
  if (network.mode === 'user') return network.ports;
  if (network.mode !== 'cni') return [];
  return network.networks.flatMap(({ runtimeConfig }) => mappings(runtimeConfig?.['portMappings'] ?? []));
}
