import { closeSync, constants, openSync } from 'node:fs';
import { O_CLOEXEC, O_PATH } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { RunningApp } from './running-app.ts';

/** The root directory of a running app, by an fd: it stays this one whatever the app mounts or renames. */
export interface OpenRoot extends Disposable {
  readonly fd: number;
}

/** Opens the root a process has, as it sees it, mounts included. */
export function openAppRoot({ pid }: Pick<RunningApp, 'pid'>): OpenRoot {
  const fd = openSync(`/proc/${pid}/root`, constants.O_RDONLY | constants.O_DIRECTORY);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

/** Whether something is at `path` below the root. Links are followed, and lead nowhere else. */
export function isThere({ fd }: OpenRoot, path: string): boolean {
  try {
    const resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS;
    closeSync(openat2(fd, path, { flags: O_PATH | O_CLOEXEC, resolve }));
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return false;
    throw error;
  }
}
