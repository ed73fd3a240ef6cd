import { closeSync } from 'node:fs';
import { duplicate, givenDescriptors, type SocketName, socketName } from '../../linux/listening-socket.ts';
import { packAddress, SOCKET } from '../../linux/socket.ts';
import type { ActivatedPort } from '../../schema/pod-files.ts';

/** A socket that the service manager listens on. */
export interface ListeningSocket {
  readonly fd: number;
  /** FileDescriptorName=, `unknown` where there is none. */
  readonly name: string;
}

/** One that we were started with. */
export interface GivenSocket extends ListeningSocket {
  /** Undefined for UNIX sockets and what else is none of the internet. */
  readonly address: SocketName | undefined;
}

/** Above what a service manager passes and spawn programs put together. */
const OUT_OF_THE_WAY = 512;

type Environment = Readonly<Record<string, string | undefined>>;

/** The sockets we were started with, moved to numbers where nothing of ours meets them. */
export function takeSockets(env: Environment, pid: number): readonly GivenSocket[] {
  const names = env['LISTEN_FDNAMES']?.split(':') ?? [];
  return givenDescriptors(env, pid).map((given, index) => {
    const fd = duplicate(given, OUT_OF_THE_WAY);
    closeSync(given);
    return { fd, name: names[index] || 'unknown', address: socketName(fd) };
  });
}

/** Sockets that no app wants: connections to them would hang. */
export class SocketActivationError extends Error {
  readonly code = 'ERR_SOCKET_ACTIVATION';
  readonly hint =
    'the image must say socketActivated of a port; --port=NAME:HOSTPORT says where it is on the host';
}

/**
 * Each app's sockets: those at the place of a port of its that is socket-activated, or called like it. Pure but for
 * reading addresses. A socket that is nobody's is an error.
 */
export function assignSockets(
  sockets: readonly GivenSocket[],
  wanted: Readonly<Record<string, readonly ActivatedPort[]>>,
): ReadonlyMap<string, readonly GivenSocket[]> {
  const assigned = new Map<string, readonly GivenSocket[]>();
  for (const socket of sockets) {
    const owner = Object.entries(wanted).find(([, ports]) => ports.some((port) => isFor(socket, port)));
    if (owner === undefined)
      throw new SocketActivationError(`pass on the socket ${JSON.stringify(socket.name)}: it is no app's`);
    assigned.set(owner[0], [...(assigned.get(owner[0]) ?? []), socket]);
  }
  return assigned;
}

/** A socket of the internet is known by its place, since names say the unit's unless someone sets them. */
function isFor({ name, address }: GivenSocket, port: ActivatedPort): boolean {
  if (address === undefined) return name === port.name;
  const isThere = address.protocol === port.protocol && address.port === port.hostPort;
  return isThere && (port.hostIP === undefined || isAt(address.address, port.hostIP));
}

function isAt(address: Buffer, ip: string): boolean {
  const isV6 = ip.includes(':');
  const packed = packAddress(isV6 ? SOCKET.AF_INET6 : SOCKET.AF_INET, ip, 0);
  return address.equals(isV6 ? packed.subarray(8, 24) : packed.subarray(4, 8));
}
