import { closeSync } from 'node:fs';
import { libc } from './call.ts';
import { callInt } from './libc.ts';

/** linux/socket.h, linux/net.h, netinet/in.h */
export const SOCKET = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_CLOEXEC: 0o2000000,
  IPPROTO_IPV6: 41,
  IPV6_V6ONLY: 26,
} as const;

export interface SocketAddress {
  readonly protocol: 'tcp' | 'udp';
  /** In text. */
  readonly address: string;
  readonly port: number;
}

/**
 * A socket bound to an address: its fd. It does not listen, but nobody else can bind to the address while it is open.
 * An IPv6 socket is for IPv6 alone.
 */
export function bindSocket({ protocol, address, port }: SocketAddress): number {
  const family = address.includes(':') ? SOCKET.AF_INET6 : SOCKET.AF_INET;
  const type = protocol === 'tcp' ? SOCKET.SOCK_STREAM : SOCKET.SOCK_DGRAM;
  const what = `bind to ${address} port ${port}/${protocol}`;
  const fd = libc('socket', [family, type | SOCKET.SOCK_CLOEXEC, 0], what);
  try {
    if (family === SOCKET.AF_INET6)
      libc('setsockopt', [fd, SOCKET.IPPROTO_IPV6, SOCKET.IPV6_V6ONLY, yes(), 4]);
    const bytes = packAddress(family, address, port);
    libc('bind', [fd, bytes, bytes.length], what);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * struct sockaddr_in: family at 0, port (big-endian) at 2, address at 4; 16 bytes.
 * struct sockaddr_in6: family at 0, port at 2, flow at 4, address at 8, scope at 24; 28 bytes.
 */
export function packAddress(family: number, address: string, port: number): Buffer {
  const isV6 = family === SOCKET.AF_INET6;
  const bytes = Buffer.alloc(isV6 ? 28 : 16);
  bytes.writeUInt16LE(family, 0);
  bytes.writeUInt16BE(port, 2);
  const parsed = Buffer.alloc(16);
  if (callInt('inet_pton', [family, address, parsed]).value !== 1)
    throw new TypeError(`not an IP address: ${JSON.stringify(address)}`);
  parsed.copy(bytes, isV6 ? 8 : 4, 0, isV6 ? 16 : 4);
  return bytes;
}

function yes(): Buffer {
  return Buffer.of(1, 0, 0, 0);
}
