import type { PortForward } from '../../schema/pod-files.ts';

/** What pasta(1) is to do for a pod. */
export interface PastaRequest {
  /** A file that is the pod's network namespace. */
  readonly netns: string;
  /** Where pasta writes its pid once all is set up. */
  readonly pidFile: string;
  readonly ports: readonly PortForward[];
  /** The port of the host's loopback that the pod finds on its own: the metadata service's, where the pod is registered with one. */
  readonly metadataPort?: number | undefined;
}

/** The pod's end and the host's, as in the network `default` that root has: nobody sees them outside of the pod. */
export const ADDRESS = { address: '172.16.28.2', prefix: 24, gateway: '172.16.28.1' } as const;
const ADDRESS6 = { address: 'fd72:6b74:0:1628::2', gateway: 'fd72:6b74:0:1628::1' } as const;

export const INTERFACE = 'eth0';

/**
 * pasta's arguments: it makes the pod's interface and speaks TCP and UDP for it with sockets of its own, as any program of the
 * user. Only the ports asked for are forwarded, none the other way but the metadata service's, and the host's own services stay out of reach.
 */
export function pastaArguments({ netns, pidFile, ports, metadataPort }: PastaRequest): readonly string[] {
  return [
    '--foreground',
    '--quiet',
    '--config-net',
    '--no-map-gw',
    ...['--ns-ifname', INTERFACE],
    ...['--address', ADDRESS.address, '--netmask', String(ADDRESS.prefix), '--gateway', ADDRESS.gateway],
    ...['--address', ADDRESS6.address, '--gateway', ADDRESS6.gateway],
    ...forwards('--tcp-ports', ports, 'tcp'),
    ...forwards('--udp-ports', ports, 'udp'),
    ...['--tcp-ns', metadataPort === undefined ? 'none' : String(metadataPort), '--udp-ns', 'none'],
    ...['--pid', pidFile],
    ...['--netns', netns],
  ];
}

function forwards(option: string, ports: readonly PortForward[], wanted: 'tcp' | 'udp'): readonly string[] {
  const mine = ports.filter(({ protocol }) => protocol === wanted);
  if (mine.length === 0) return [option, 'none'];
  return mine.flatMap(({ hostIP, hostPort, containerPort }) => [
    option,
    `${hostIP === undefined ? '' : `${hostIP}/`}${hostPort}:${containerPort}`,
  ]);
}
