import { libc } from '../../linux/call.ts';

/** sys/socket.h */
const AF_UNIX = 1;
const SOCK_STREAM = 1;

/** A listening socket with an abstract name (unix(7)); it lives as long as the process. */
export function abstractSocket(name: string): void {
  const socket = libc('socket', [AF_UNIX, SOCK_STREAM, 0]);
  const address = abstractAddress(name);
  libc('bind', [socket, address, address.length]);
  libc('listen', [socket, 5]);
}

export function connectTo(name: string): void {
  const address = abstractAddress(name);
  libc('connect', [libc('socket', [AF_UNIX, SOCK_STREAM, 0]), address, address.length]);
}

/** struct sockaddr_un: family at 0, a NUL and the name from 2. */
function abstractAddress(name: string): Buffer {
  return Buffer.concat([Buffer.from([AF_UNIX, 0, 0]), Buffer.from(name)]);
}
