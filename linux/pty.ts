import { closeSync, constants, openSync } from 'node:fs';
import { libc } from './call.ts';
import { O_CLOEXEC } from './fcntl.ts';
import { TIOC } from './tty.ts';

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;

/** A pseudoterminal. Disposing closes both ends; {@link Pty.closeSlave} closes ours of the slave, once its user has it. */
export interface Pty extends Disposable {
  /** Non-blocking. */
  readonly master: number;
  readonly slave: number;
  closeSlave(): void;
}

/**
 * Opens a pair through a `ptmx` file, which decides the devpts it belongs to: that of a pod, for a pod's terminal.
 * The slave is taken from the master, not by name, so that nothing in the pod's /dev/pts can be put in its place.
 */
export function openPty(ptmx: string): Pty {
  const master = openSync(ptmx, O_RDWR | O_NOCTTY | O_NONBLOCK);
  try {
    return pair(master, openSlave(master, ptmx));
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

function openSlave(master: number, ptmx: string): number {
  const unlocked = Buffer.alloc(4);
  libc('ioctl', [master, TIOC.TIOCSPTLCK, unlocked], `unlock a terminal of ${ptmx}`);
  const flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  return libc('ioctl', [master, TIOC.TIOCGPTPEER, flags], `open a terminal of ${ptmx}`);
}

function pair(master: number, slave: number): Pty {
  const open = new Set([master, slave]);
  const close = (fd: number) => {
    if (open.delete(fd)) closeSync(fd);
  };
  return {
    master,
    slave,
    closeSlave: () => close(slave),
    [Symbol.dispose]() {
      close(slave);
      close(master);
    },
  };
}
