import { libc } from './call.ts';
import { keepAcrossExec } from './exec.ts';
import { SOCKET } from './socket.ts';
import { hasCode } from './system-error.ts';

/** asm-generic/socket.h, fcntl.h, linux/socket.h */
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ACCEPTCONN = 30;
const F_DUPFD_CLOEXEC = 1030;
const AF_UNIX = 1;

/** SD_LISTEN_FDS_START */
const FIRST_GIVEN = 3;

type Environment = Readonly<Record<string, string | undefined>>;

/** The file descriptors that a service manager listens on for the process `pid` (sd_listen_fds(3)). */
export function givenDescriptors(
  { LISTEN_PID, LISTEN_FDS = '' }: Environment,
  pid: number,
): readonly number[] {
  const count = LISTEN_PID === `${pid}` && /^\d{1,4}$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0;
  return Array.from({ length: count }, (_, index) => FIRST_GIVEN + index);
}

/** Hands them on to the program that this process is about to become: the runtime marked them close-on-exec when it started. */
export function keepGivenDescriptors(): void {
  for (const fd of givenDescriptors(process.env, process.pid)) keepAcrossExec(fd);
}

/** What a socket listens on: an address of the internet in bytes, or a UNIX path or other family, which are `undefined`. */
export interface SocketName {
  readonly protocol: 'tcp' | 'udp';
  /** 4 or 16 bytes. */
  readonly address: Buffer;
  readonly port: number;
}

/** getsockname(2); undefined for what is no socket of the internet. */
export function socketName(fd: number): SocketName | undefined {
  const bytes = addressOf(fd);
  const protocol = { [SOCKET.SOCK_STREAM]: 'tcp', [SOCKET.SOCK_DGRAM]: 'udp' }[socketType(fd)];
  const family = bytes.readUInt16LE(0);
  if (protocol === undefined || (family !== SOCKET.AF_INET && family !== SOCKET.AF_INET6)) return undefined;
  const address = family === SOCKET.AF_INET ? bytes.subarray(4, 8) : bytes.subarray(8, 24);
  return { protocol: protocol as SocketName['protocol'], address, port: bytes.readUInt16BE(2) };
}

/** Through what a socket takes connections: `undefined` when it takes none, or is none. */
export function listenerKind(fd: number): 'tcp' | 'unix' | undefined {
  try {
    if (socketOption(fd, SO_ACCEPTCONN) === 0 || socketType(fd) !== SOCKET.SOCK_STREAM) return undefined;
  } catch (error) {
    if (hasCode(error, 'ENOTSOCK')) return undefined;
    throw error;
  }
  const family = addressOf(fd).readUInt16LE(0);
  if (family === AF_UNIX) return 'unix';
  return family === SOCKET.AF_INET || family === SOCKET.AF_INET6 ? 'tcp' : undefined;
}

/** A copy of a file descriptor, close-on-exec, with a number of at least `least`. */
export function duplicate(fd: number, least: number): number {
  return libc('fcntl', [fd, F_DUPFD_CLOEXEC, least], `duplicate file descriptor ${fd}`);
}

/** getsockname(2): a struct sockaddr_storage. */
function addressOf(fd: number): Buffer {
  const bytes = Buffer.alloc(128);
  libc('getsockname', [fd, bytes, int(bytes.length)], `ask for the address of file descriptor ${fd}`);
  return bytes;
}

function socketType(fd: number): number {
  return socketOption(fd, SO_TYPE);
}

function socketOption(fd: number, option: number): number {
  const value = Buffer.alloc(4);
  libc('getsockopt', [fd, SOL_SOCKET, option, value, int(4)], `ask what file descriptor ${fd} is`);
  return value.readInt32LE(0);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
