import { constants } from 'node:os';
import { POLL, poll } from '../../linux/poll.ts';
import { UNBLOCKABLE } from '../../linux/signal.ts';
import { readSignals, signalfd } from '../../linux/signalfd.ts';
import { type Ended, reap, shellStatus } from '../../linux/wait.ts';
import { openProcesses } from '../supervisor/open-processes.ts';
import { copyWindowSize, drainTerminal, handle, pollSet, type Terminal } from '../terminal/terminal.ts';

const { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT, SIGWINCH } = constants.signals;

/** Handed on to the command as they come. */
const FORWARDED: readonly number[] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT];

/** How long the user's terminal may take to show what the command printed last. */
const DRAIN_MS = 2000;

/** Waits for a child of ours, serves its terminal, hands on signals; the status it ends with, 128+N for signal N. */
export function stayWith(child: number, terminal: Terminal | undefined): number {
  const signals = signalfd(UNBLOCKABLE);
  using processes = openProcesses([child]);
  const readable = [signals, ...processes.fds].map((fd) => ({ fd, events: POLL.POLLIN }));
  for (;;) {
    const events = poll([...readable, ...(terminal ? pollSet(terminal) : [])], -1);
    if (terminal) handle(terminal, events);
    for (const signal of readSignals(signals)) handOn(signal, child, terminal);
    const end = reap(child);
    if (end !== undefined) return finish(end, terminal);
  }
}

function finish(end: Ended, terminal: Terminal | undefined): number {
  if (terminal) drainTerminal(terminal, DRAIN_MS);
  return shellStatus(end);
}

/** The child is ours and not yet reaped, so its pid is its own. */
function handOn(signal: number, child: number, terminal: Terminal | undefined): void {
  if (signal === SIGWINCH && terminal) copyWindowSize(terminal);
  if (FORWARDED.includes(signal)) process.kill(child, signal);
}
