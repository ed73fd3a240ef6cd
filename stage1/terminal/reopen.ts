import { constants, openSync } from 'node:fs';
import { hasCode } from '../../linux/system-error.ts';

const { O_WRONLY, O_NOCTTY, O_NONBLOCK } = constants;

/**
 * Opens a terminal again for writing without blocking. O_NONBLOCK belongs to the open file, which we share with the user's
 * shell, so setting it there would break the shell. Undefined for a terminal that is not ours to open (after `su`).
 */
export function reopenNonBlocking(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'EACCES', 'ENOENT', 'ENXIO', 'EIO', 'EPERM')) return undefined;
    throw error;
  }
}
