import { constants, openSync, readlinkSync } from 'node:fs';
import type { Pty } from '../../linux/pty.ts';
import type { Stdio } from '../compile/stdio.ts';

export interface StandardFiles {
  readonly stdio: Stdio;
  /** The path of the terminal that the descriptors are. */
  readonly terminal?: string;
}

/**
 * The apps' file descriptors 0, 1 and 2: the pod's terminal, or ours. An app has our standard input when it is alone; with
 * several nobody could say whose it is.
 */
export function standardFiles(pty: Pty | undefined, apps: number): StandardFiles {
  if (pty)
    return { stdio: [pty.slave, pty.slave, pty.slave], terminal: readlinkSync(`/proc/self/fd/${pty.slave}`) };
  return { stdio: apps === 1 ? [0, 1, 2] : [openSync('/dev/null', constants.O_RDONLY), 1, 2] };
}
