import { closeSync, readSync } from 'node:fs';
import { libc } from './call.ts';
import { callLong } from './libc.ts';
import { hasCode, SystemError } from './system-error.ts';

/** linux/socket.h, linux/net.h */
const AF_UNIX = 1;
const TYPES = { stream: 1, datagram: 2 } as const;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
const MSG_NOSIGNAL = 0x4000;
const LONGEST_PATH = 108;

/** A socket connected to a UNIX domain address: a path, or an abstract one that begins with `@`. Its fd, close-on-exec. */
export function connectUnix(address: string, type: keyof typeof TYPES): number {
  return openUnix(address, type, 'connect', 0);
}

/** A datagram socket that receives what is sent to an address; reading it does not wait. Its fd, close-on-exec. */
export function bindUnix(address: string): number {
  return openUnix(address, 'datagram', 'bind', SOCK_NONBLOCK);
}

/** Sends one datagram, or all the bytes of a stream that fit; never raises SIGPIPE. */
export function sendUnix(fd: number, bytes: Uint8Array): number {
  const { value, errno } = callLong('send', [fd, bytes, bytes.length, MSG_NOSIGNAL]);
  if (value === -1) throw new SystemError('send', errno);
  return value;
}

/** The next datagram, cut where it is longer than `most` bytes; undefined when none is there. File descriptors in it are closed. */
export function receiveDatagram(fd: number, most: number): Buffer | undefined {
  const bytes = Buffer.alloc(most);
  try {
    return bytes.subarray(0, readSync(fd, bytes));
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return undefined;
    throw error;
  }
}

/** struct sockaddr_un: family at 0, path at 2. An abstract name has no end but the address's own; a path ends with NUL. */
export function packUnixAddress(address: string): Buffer {
  const isAbstract = address.startsWith('@');
  const path = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (path.length > LONGEST_PATH || path.length < 2)
    throw new AddressError(`not the address of a UNIX socket: ${JSON.stringify(address)}`);
  return Buffer.concat([Buffer.of(AF_UNIX, 0), path]);
}

class AddressError extends Error {
  readonly code = 'ENAMETOOLONG';
}

function openUnix(address: string, type: keyof typeof TYPES, how: 'connect' | 'bind', flags: number): number {
  const bytes = packUnixAddress(address);
  const what = `${how} to ${address}`;
  const fd = libc('socket', [AF_UNIX, TYPES[type] | SOCK_CLOEXEC | flags, 0], what);
  try {
    libc(how, [fd, bytes, bytes.length], what);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
