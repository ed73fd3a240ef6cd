import { existsSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { POLL, type PollRequest, poll } from '../../linux/poll.ts';
import { connectSeqpacket, receiveMessage, sendMessage } from '../../linux/seqpacket.ts';
import { blockSignals, UNBLOCKABLE } from '../../linux/signal.ts';
import { readSignals, signalfd } from '../../linux/signalfd.ts';
import { hasCode } from '../../linux/system-error.ts';
import { enterRawMode } from '../../linux/termios.ts';
import { getWindowSize, isTerminal } from '../../linux/tty.ts';
import { append, CAPACITY, drain, type Flow, newFlow, readSome } from '../terminal/flow.ts';
import { reopenNonBlocking } from '../terminal/reopen.ts';
import { AttachError } from './attach-error.ts';
import { withAppDirectory } from './attend.ts';
import { chooseEndpoints } from './choose-endpoints.ts';
import { type KeyWatch, watchKeys } from './detach-keys.ts';
import { statusOfEnded } from './ended-status.ts';
import {
  ENDPOINTS,
  endpointsIn,
  LARGEST_MESSAGE,
  MESSAGE,
  maskOf,
  message,
  sizeMessage,
} from './protocol.ts';

const { SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT } = constants.signals;
const ENDING: readonly number[] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];
const PATIENCE_MS = 5000;
const DRAIN_MS = 2000;
const RETRY_MS = 50;
const CHUNK = 4096;

export interface Attachment {
  /** The pod's directory. */
  readonly directory: string;
  readonly app: string;
  readonly mode: string;
  readonly detachKeys: Buffer;
}

/**
 * Connects our standard files to an app's until it ends, or the keys are typed: the app's exit status, or 0 where it lives on.
 * The app does not notice.
 */
export function attachToApp({ directory, app, mode, detachKeys }: Attachment): number {
  blockSignals();
  const socket = connect(directory, app);
  const available = receiveEndpoints(socket, app);
  if (mode === 'list') {
    for (const name of endpointsIn(available)) writeSync(1, `${name}\n`);
    return 0;
  }
  const wanted = maskOf(chooseEndpoints(app, mode, endpointsIn(available)));
  sendMessage(socket, message(MESSAGE.attach, Buffer.of(wanted)));
  return stay(newSession(socket, wanted, detachKeys), directory, app);
}

/** A pod that has only begun has no sockets yet. */
function connect(directory: string, app: string): number {
  for (let tries = 0; tries < PATIENCE_MS / RETRY_MS; tries++) {
    const socket = tryToConnect(directory, app);
    if (socket !== undefined) return socket;
    poll([], RETRY_MS);
  }
  throw new AttachError(app, 'nobody answers');
}

function tryToConnect(directory: string, app: string): number | undefined {
  const isNew = !existsSync(`${directory}/status/${app}-started`);
  try {
    return withAppDirectory(directory, app, connectSeqpacket);
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return undefined;
    if (!hasCode(error, 'ENOENT', 'ECONNREFUSED')) throw error;
    if (isNew) return undefined;
    throw new AttachError(app, 'it has nothing to attach to', TRY_STREAMS);
  }
}

const TRY_STREAMS = 'run it with --stdin, --stdout and --stderr=tty or stream';

function receiveEndpoints(socket: number, app: string): number {
  poll([{ fd: socket, events: POLL.POLLIN }], PATIENCE_MS);
  const received = receiveMessage(socket, LARGEST_MESSAGE);
  if (typeof received !== 'string' && received[0] === MESSAGE.endpoints) return received[1] ?? 0;
  throw new AttachError(
    app,
    received === 'gone'
      ? 'it was refused, for it is for root and the owner of the pod, or the pod has ended'
      : 'nobody answers',
  );
}

interface Session {
  readonly socket: number;
  readonly wanted: number;
  readonly signals: number;
  readonly keys: KeyWatch;
  readonly screens: Readonly<Record<number, Flow>>;
  /** What is to be sent, in order. */
  readonly outgoing: Buffer[];
  hasInput: boolean;
  /** Why it is over: the app's streams ended, we leave it alone, the connection was lost, or a signal. */
  over: 'ended' | 'left' | 'lost' | number | undefined;
}

function newSession(socket: number, wanted: number, detachKeys: Buffer): Session {
  const output = newFlow(-1, (isTerminal(1) ? reopenNonBlocking(1) : undefined) ?? 1);
  const error = newFlow(-1, 2);
  const { ttyOut, stdout, stderr } = MESSAGE;
  return {
    socket,
    wanted,
    signals: signalfd(UNBLOCKABLE),
    keys: watchKeys(isTerminal(0) ? detachKeys : Buffer.alloc(0)),
    screens: { [ttyOut]: output, [stdout]: output, [stderr]: error },
    outgoing: [],
    hasInput: (wanted & INPUTS) !== 0,
    over: undefined,
  };
}

const INPUTS = ENDPOINTS['tty-in'] | ENDPOINTS.stdin;

function stay(session: Session, directory: string, app: string): number {
  const onTty = (session.wanted & ENDPOINTS['tty-in']) !== 0;
  using _raw = onTty && isTerminal(0) ? enterRawMode(0) : undefined;
  if (onTty) tellSize(session);
  while (session.over === undefined) handle(session, poll(requestsOf(session), -1));
  showRest(session);
  if (session.over === 'lost') throw new AttachError(app, 'the connection was lost: the pod was killed');
  if (session.over === 'ended') return statusOfEnded(directory, app);
  return typeof session.over === 'number' ? 128 + session.over : 0;
}

function handle(session: Session, revents: ReadonlyMap<number, number>): void {
  for (const signal of readSignals(session.signals)) onSignal(session, signal);
  if (revents.has(0) && session.hasInput) type(session);
  if (revents.has(session.socket)) hear(session);
  for (const flow of screensOf(session)) if (revents.has(flow.to)) drain(flow);
  speak(session);
  if (screensOf(session).some(({ broken }) => broken)) session.over ??= 'left'; // nobody sees it any more
}

function screensOf({ screens }: Session): readonly Flow[] {
  return [...new Set(Object.values(screens))];
}

function requestsOf(session: Session): readonly PollRequest[] {
  const { socket, signals, hasInput, outgoing } = session;
  const screens = screensOf(session);
  const hasRoom = screens.every(({ waiting }) => waiting.length < CAPACITY);
  const events = (hasRoom ? POLL.POLLIN : 0) | (outgoing.length > 0 ? POLL.POLLOUT : 0);
  return [
    { fd: signals, events: POLL.POLLIN },
    ...(events === 0 ? [] : [{ fd: socket, events }]),
    ...(hasInput && outgoing.length === 0 ? [{ fd: 0, events: POLL.POLLIN }] : []),
    ...screens
      .filter(({ waiting }) => waiting.length > 0)
      .map(({ to }) => ({ fd: to, events: POLL.POLLOUT })),
  ];
}

function onSignal(session: Session, signal: number): void {
  if (signal === SIGWINCH && (session.wanted & ENDPOINTS['tty-in']) !== 0) tellSize(session);
  if (ENDING.includes(signal)) session.over = signal;
}

function tellSize({ outgoing }: Session): void {
  const window = [1, 0].find(isTerminal);
  if (window !== undefined) outgoing.push(sizeMessage(getWindowSize(window)));
}

/** Sends what is typed, to the terminal if that is wanted. */
function type(session: Session): void {
  const onTty = (session.wanted & ENDPOINTS['tty-in']) !== 0;
  const bytes = readSome(0, CHUNK);
  if (bytes === undefined) return;
  if (bytes.length === 0) {
    session.hasInput = false;
    session.outgoing.push(message(onTty ? MESSAGE.ttyInEnd : MESSAGE.stdinEnd));
    return;
  }
  const { typed, isDetached } = session.keys.next(bytes);
  if (typed.length > 0) session.outgoing.push(message(onTty ? MESSAGE.ttyIn : MESSAGE.stdin, typed));
  if (isDetached) session.over = 'left';
}

function speak(session: Session): void {
  const { outgoing, socket } = session;
  for (let first = outgoing[0]; first !== undefined; first = outgoing[0]) {
    const result = sendMessage(socket, first);
    if (result === 'full') return;
    if (result === 'gone') outgoing.length = 0; // what it said last can still be read
    if (result === 'gone') return;
    outgoing.shift();
  }
  // who only brings input has nothing to wait for
  if (!session.hasInput && (session.wanted & ~INPUTS) === 0) session.over ??= 'left';
}

/** One message at a time, so that no more waits to be shown than there is room for. */
function hear(session: Session): void {
  if (screensOf(session).some(({ waiting }) => waiting.length >= CAPACITY)) return;
  const received = receiveMessage(session.socket, LARGEST_MESSAGE);
  if (received === 'none') return;
  if (received === 'gone') session.over = 'lost';
  else if (received[0] === MESSAGE.end) session.over = 'ended';
  else if (received[0] === MESSAGE.lost) tellLost(session, received);
  else {
    const screen = session.screens[received[0] ?? 0];
    if (screen !== undefined) append(screen, received.subarray(1));
  }
}

function tellLost({ screens }: Session, received: Buffer): void {
  const count = received.length === 9 ? received.readBigUInt64LE(1) : 0n;
  const error = screens[MESSAGE.stderr];
  if (error)
    append(
      error,
      Buffer.from(`\r\nattach: ${count} bytes of output were left out: this side is too slow\r\n`),
    );
}

/** What has come is shown, unless nobody takes it. */
function showRest(session: Session): void {
  for (const flow of screensOf(session))
    while (flow.waiting.length > 0 && poll([{ fd: flow.to, events: POLL.POLLOUT }], DRAIN_MS).size > 0)
      drain(flow);
}
