import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openPty } from '../../linux/pty.ts';
import { hasCode } from '../../linux/system-error.ts';
import { setWindowSize, type WindowSize } from '../../linux/tty.ts';
import { dist } from './executable.ts';

/** A user at a terminal of their own: what is on the screen, what they type. */
export interface User extends Disposable {
  /** The terminal's other end, as a shell would have it. */
  readonly slave: number;
  type(text: string): void;
  resize(size: WindowSize): void;
  /** Waits until the screen shows this; all that was on it until then. */
  see(pattern: RegExp): Promise<string>;
  /** The exit status of the program. */
  ended(): Promise<number | null>;
}

/** Starts tsrkt as a shell on a terminal would: as the leader of a session whose terminal is its stdin, stdout and stderr. */
export function startOnTerminal(args: readonly string[], size: WindowSize): User {
  const pty = openPty('/dev/ptmx');
  setWindowSize(pty.master, size);
  const { slave } = pty;
  const argv = ['--ctty', join(dist, 'tsrkt'), ...args];
  const child = spawn('setsid', argv, { stdio: [slave, slave, slave] });
  const exit = once(child, 'exit');
  let screen = '';
  return {
    slave,
    type: (text) => void writeSync(pty.master, text),
    resize: (wanted) => setWindowSize(pty.master, wanted),
    async see(pattern) {
      for (let tries = 0; tries < 1500; tries++) {
        screen += readAll(pty.master);
        if (pattern.test(screen)) return screen;
        await setTimeout(20);
      }
      throw new Error(`waited for ${pattern}, saw ${JSON.stringify(screen)}`);
    },
    ended: () => exit.then(([status]) => status),
    [Symbol.dispose]() {
      child.kill('SIGKILL');
      pty[Symbol.dispose]();
    },
  };
}

function readAll(fd: number): string {
  const bytes = Buffer.alloc(65_536);
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } catch (error) {
    if (hasCode(error, 'EAGAIN', 'EIO')) return '';
    throw error;
  }
}
