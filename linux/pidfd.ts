import { closeSync } from 'node:fs';
import { libc, syscall } from './call.ts';

/** A process held by fd: the pid may be given to another process later, the fd means this one for ever (pidfd_open(2)). */
export interface PidFd extends Disposable {
  readonly fd: number;
}

/** Opens a process by pid; throws ESRCH when there is none. */
export function openPidFd(pid: number): PidFd {
  const fd = syscall('pidfd_open', [pid, 0], `open process ${pid}`);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

/** pidfd_send_signal(2); throws ESRCH when the process has ended. */
export function signalProcess({ fd }: PidFd, signal: number): void {
  libc('syscall', [SYS_PIDFD_SEND_SIGNAL, fd, signal, null, 0], `send signal ${signal}`);
}

/** asm-generic/unistd.h: the same on every architecture. */
const SYS_PIDFD_SEND_SIGNAL = 424;
