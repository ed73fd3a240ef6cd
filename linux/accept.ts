import { callInt } from './libc.ts';
import { SystemError } from './system-error.ts';

/** linux/net.h */
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** Nobody is there, or no longer: accept(2) has Linux report also what befell a connection that was waiting. */
const NOBODY: readonly string[] = [
  ...['EAGAIN', 'EINTR', 'ECONNABORTED', 'EPROTO', 'ENOPROTOOPT'],
  ...['ENETDOWN', 'ENONET', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH', 'EPERM'],
];

/** The next that connects to a listening socket: a fd, close-on-exec, that does not wait. Undefined when nobody does. */
export function acceptConnection(fd: number): number | undefined {
  const { value, errno } = callInt('accept4', [fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC]);
  if (value !== -1) return value;
  const error = new SystemError('accept a connection', errno);
  if (NOBODY.includes(error.code)) return undefined;
  throw error;
}
