import { libc } from './call.ts';
import { callInt } from './libc.ts';

/** bits/waitflags.h */
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const P_PID = 1;

/** A child that ended: its exit code, or the signal that killed it. */
export interface Ended {
  readonly pid: number;
  readonly exitCode?: number;
  readonly signal?: number;
}

/** waitpid(2): waits for this child and reaps it. */
export function waitFor(pid: number): Ended {
  const status = Buffer.alloc(4);
  return decode(libc('waitpid', [pid, status, 0], `wait for process ${pid}`), status.readInt32LE());
}

/**
 * Waits for this child, which is the first process of a PID namespace, and reaps whatever ends before: the kernel keeps it
 * until every other process of its namespace is reaped, and some of those may be children of ours.
 */
export function waitForInit(pid: number): Ended {
  for (;;) {
    const ended = waitFor(ANY);
    if (ended.pid === pid) return ended;
  }
}

const ANY = -1;

/** Reaps this child if it has ended already: undefined while it runs. */
export function reap(pid: number): Ended | undefined {
  const status = Buffer.alloc(4);
  const ended = libc('waitpid', [pid, status, WNOHANG], `wait for process ${pid}`);
  return ended === 0 ? undefined : decode(ended, status.readInt32LE());
}

/** Whether a process, ended or not, is a child of ours that has not been reaped. */
export function isChild(pid: number): boolean {
  return callInt('waitid', [P_PID, pid, null, WEXITED | WNOHANG | WNOWAIT]).value === 0;
}

/** What a shell would say: the exit code, or 128 plus the signal. */
export function shellStatus({ exitCode, signal = 0 }: Ended): number {
  return exitCode ?? 128 + signal;
}

/** bits/waitstatus.h: WTERMSIG in bits 0–6, WEXITSTATUS in bits 8–15. */
function decode(pid: number, status: number): Ended {
  const signal = status & 0x7f;
  return signal === 0 ? { pid, exitCode: (status >> 8) & 0xff } : { pid, signal };
}
