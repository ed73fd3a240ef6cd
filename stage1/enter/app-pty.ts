import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { O_CLOEXEC, O_PATH } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { openPty, type Pty } from '../../linux/pty.ts';
import { hasCode } from '../../linux/system-error.ts';

/** sys/sysmacros.h makedev(5, 2): /dev/ptmx. */
const PTMX = 0x502;

/**
 * A terminal of the app's own /dev/pts, so that programs in the app find its name there; of the host's where the app has
 * none. What the app can put there is looked at before it is opened: a FIFO would stop us, a device of another kind obey us.
 */
export function openAppPty(pid: number): Pty {
  const root = openSync(`/proc/${pid}/root`, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const ptmx = openPlace(root, 'dev/pts/ptmx');
    if (ptmx === undefined) return openPty('/dev/ptmx');
    try {
      return openPty(fstatSync(ptmx).rdev === PTMX ? `/proc/self/fd/${ptmx}` : '/dev/ptmx');
    } finally {
      closeSync(ptmx);
    }
  } finally {
    closeSync(root);
  }
}

function openPlace(root: number, path: string): number | undefined {
  try {
    const resolve = RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS;
    return openat2(root, path, { flags: O_PATH | O_CLOEXEC, resolve });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined;
    throw error;
  }
}
