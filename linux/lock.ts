import { closeSync, constants, openSync } from 'node:fs';
import { libc } from './call.ts';
import { hasCode } from './system-error.ts';

/** sys/file.h */
const LOCK = { SH: 1, EX: 2, NB: 4, UN: 8 } as const;

/** A flock(2) on a file or directory. It lasts until it is disposed of, or every process that inherited its fd is gone. */
export interface Lock extends Disposable {
  readonly fd: number;
}

export type LockKind = 'shared' | 'exclusive';

/** Takes the lock, waiting for whoever has it. */
export function lock(path: string, kind: LockKind): Lock {
  const fd = openSync(path, constants.O_RDONLY);
  return flock(fd, kind, 0, path) as Lock;
}

/** Takes the lock if nobody has it: undefined when somebody does. */
export function tryLock(path: string, kind: LockKind): Lock | undefined {
  const fd = openSync(path, constants.O_RDONLY);
  return flock(fd, kind, LOCK.NB, path);
}

/** Takes the lock on an open file if nobody has it; it is held until the fd, and all copies of it, are closed. */
export function tryLockFd(fd: number, kind: LockKind): boolean {
  try {
    libc('flock', [fd, (kind === 'shared' ? LOCK.SH : LOCK.EX) | LOCK.NB], `lock fd ${fd}`);
    return true;
  } catch (error) {
    if (hasCode(error, 'EWOULDBLOCK', 'EAGAIN')) return false;
    throw error;
  }
}

function flock(fd: number, kind: LockKind, flags: number, path: string): Lock | undefined {
  try {
    libc('flock', [fd, (kind === 'shared' ? LOCK.SH : LOCK.EX) | flags], `lock ${path}`);
  } catch (error) {
    closeSync(fd);
    if (hasCode(error, 'EWOULDBLOCK', 'EAGAIN')) return undefined;
    throw error;
  }
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
