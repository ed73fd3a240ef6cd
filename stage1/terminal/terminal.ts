import { closeSync } from 'node:fs';
import { POLL, type PollRequest, poll } from '../../linux/poll.ts';
import { enterRawMode, eofCharacter, getTermios, isCanonical } from '../../linux/termios.ts';
import { getWindowSize, isTerminal, setWindowSize } from '../../linux/tty.ts';
import { append, breakFlow, drain, type Flow, fill, flowRequests, newFlow } from './flow.ts';
import { reopenNonBlocking } from './reopen.ts';

/** What a terminal connects: the user's input and output, each a terminal or not, and the pty's master (non-blocking). */
export interface TerminalEnds {
  readonly input: number;
  readonly output: number;
  readonly master: number;
}

/**
 * A pod's terminal on the user's: keys go to the pty, what the app prints comes back. The app has a real terminal in any
 * case; when the user's input is none (a pipe, a file), its bytes are typed into the app's and its end is a Ctrl-D.
 *
 * It is driven by the supervisor's poll loop: {@link pollSet}, then {@link handle}, until {@link isDone}. Nothing here
 * blocks, so signals are served whatever either side does.
 */
export interface Terminal extends Disposable {
  readonly keys: Flow;
  readonly screen: Flow;
  /** The fd of the user's terminal whose size the pty has; undefined when there is none. */
  readonly window: number | undefined;
}

/** Connects the ends and puts the user's terminal into raw mode. Disposing restores it; the caller's fds stay open. */
export function openTerminal({ input, output, master }: TerminalEnds): Terminal {
  const ownOutput = isTerminal(output) ? reopenNonBlocking(output) : undefined;
  const terminal = {
    keys: newFlow(input, master),
    screen: newFlow(master, ownOutput ?? output),
    window: [output, input].find(isTerminal),
  };
  copyWindowSize(terminal);
  const rawMode = isTerminal(input) ? enterRawMode(input) : undefined;
  return {
    ...terminal,
    [Symbol.dispose]() {
      rawMode?.[Symbol.dispose]();
      if (ownOutput !== undefined) closeSync(ownOutput);
    },
  };
}

/** What the poll loop must wait for on the terminal's behalf; one request for each fd. */
export function pollSet({ keys, screen }: Terminal): readonly PollRequest[] {
  const events = new Map<number, number>();
  for (const request of [...flowRequests(keys), ...flowRequests(screen)])
    events.set(request.fd, (events.get(request.fd) ?? 0) | request.events);
  return [...events].map(([fd, mask]) => ({ fd, events: mask }));
}

/** Copies what the `revents` of a poll of {@link pollSet} allow; fds that are not the terminal's are ignored. */
export function handle({ keys, screen }: Terminal, revents: ReadonlyMap<number, number>): void {
  const has = (fd: number, mask: number) => ((revents.get(fd) ?? 0) & mask) !== 0;
  // without a slave the master hangs up for good: nobody will read the keys, and polling it to write would not wait
  if (has(keys.to, POLL.POLLHUP)) endKeys(keys);
  if (has(keys.from, READABLE)) fillKeys(keys);
  if (has(screen.from, READABLE)) fill(screen);
  if (has(keys.to, WRITABLE)) drain(keys);
  if (has(screen.to, WRITABLE)) drain(screen);
}

/** Whether the app's side is closed and all it printed has been passed on. */
export function isDone({ screen }: Terminal): boolean {
  return screen.ended && screen.waiting.length === 0;
}

/** Gives the pty the size of the user's terminal: when SIGWINCH came. */
export function copyWindowSize({ keys, window }: Pick<Terminal, 'keys' | 'window'>): void {
  if (window !== undefined) setWindowSize(keys.to, getWindowSize(window));
}

/** Passes on what an app printed before it ended: until nothing is left, or a user's terminal took nothing for `timeoutMs`. */
export function drainTerminal(terminal: Terminal, timeoutMs: number): void {
  endKeys(terminal.keys);
  while (!isDone(terminal)) {
    const patience = terminal.screen.waiting.length > 0 ? timeoutMs : 0;
    const revents = poll(pollSet(terminal), patience);
    if (revents.size === 0) return;
    handle(terminal, revents);
  }
}

const READABLE = POLL.POLLIN | POLL.POLLHUP | POLL.POLLERR | POLL.POLLNVAL;
const WRITABLE = POLL.POLLOUT | POLL.POLLERR | POLL.POLLNVAL;

function fillKeys(keys: Flow): void {
  if (keys.ended) return;
  fill(keys);
  if (keys.ended) append(keys, endOfFile(keys));
}

/** What to type for the end of the input: in the middle of a line the first Ctrl-D only ends the line. */
export function endOfFile({ to, last }: Flow): Uint8Array {
  const termios = getTermios(to);
  const afterLine = last === undefined || last === '\n'.charCodeAt(0);
  const count = afterLine || !isCanonical(termios) ? 1 : 2;
  return new Uint8Array(count).fill(eofCharacter(termios));
}

function endKeys(keys: Flow): void {
  keys.ended = true;
  breakFlow(keys);
}
