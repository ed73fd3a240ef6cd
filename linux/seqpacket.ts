import { closeSync } from 'node:fs';
import { libc } from './call.ts';
import { callLong } from './libc.ts';
import { SystemError } from './system-error.ts';
import { packUnixAddress } from './unix-socket.ts';

/** linux/socket.h, linux/net.h, asm-generic/socket.h */
const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const BACKLOG = 16;

const NOT_NOW: readonly (string | undefined)[] = ['EAGAIN', 'EINTR'];
const GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET', 'ENOTCONN'];

/** A socket at a path that only its owner may connect to: its fd. What is sent through it arrives in the same pieces. */
export function listenSeqpacket(path: string): number {
  return open(path, (fd, address) => {
    const before = process.umask(0o177);
    try {
      libc('bind', [fd, address, address.length], `bind to ${path}`);
    } finally {
      process.umask(before);
    }
    libc('listen', [fd, BACKLOG]);
  });
}

export function connectSeqpacket(path: string): number {
  return open(path, (fd, address) => {
    libc('connect', [fd, address, address.length], `connect to ${path}`);
  });
}

/** SO_PEERCRED: the user of who connected, as seen from our user namespace. struct ucred: pid at 0, uid at 4, gid at 8. */
export function peerUser(fd: number): number {
  const credentials = Buffer.alloc(12);
  const length = Buffer.of(credentials.length, 0, 0, 0);
  libc('getsockopt', [fd, SOL_SOCKET, SO_PEERCRED, credentials, length], 'ask who connected');
  return credentials.readUInt32LE(4);
}

/** Sends one message, if there is room for it; `gone` when nobody will receive it. */
export function sendMessage(fd: number, message: Uint8Array): 'sent' | 'full' | 'gone' {
  const { value, errno } = callLong('send', [fd, message, message.length, MSG_DONTWAIT | MSG_NOSIGNAL]);
  if (value !== -1) return 'sent';
  const error = new SystemError('send', errno);
  if (NOT_NOW.includes(error.code)) return 'full';
  if (GONE.includes(error.code)) return 'gone';
  throw error;
}

/** The next message, cut to `most` bytes; `none` when there is none yet, `gone` when there will be none. File descriptors in it are closed. */
export function receiveMessage(fd: number, most: number): Buffer | 'none' | 'gone' {
  const bytes = Buffer.alloc(most);
  const { value, errno } = callLong('recv', [fd, bytes, most, MSG_DONTWAIT]);
  if (value > 0) return bytes.subarray(0, value);
  if (value === 0) return 'gone';
  const error = new SystemError('receive', errno);
  if (NOT_NOW.includes(error.code)) return 'none';
  if (GONE.includes(error.code)) return 'gone';
  throw error;
}

function open(path: string, use: (fd: number, address: Buffer) => void): number {
  const address = packUnixAddress(path);
  const fd = libc('socket', [AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0]);
  try {
    use(fd, address);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
