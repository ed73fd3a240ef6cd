import { closeSync, constants as fs, openSync } from 'node:fs';
import { acceptConnection } from '../../linux/accept.ts';
import { closeOnExec, memoryFile } from '../../linux/descriptor.ts';
import { keepAcrossExec } from '../../linux/exec.ts';
import { executeFile } from '../../linux/execveat.ts';
import { POLL, type PollRequest, poll } from '../../linux/poll.ts';
import { receiveMessage } from '../../linux/seqpacket.ts';
import { blockSignals, UNBLOCKABLE, unblockSignal } from '../../linux/signal.ts';
import { readSignals, signalfd } from '../../linux/signalfd.ts';
import { isOwnerOrRoot } from '../control/peer.ts';
import { readSome } from '../terminal/flow.ts';
import { asleepImage, POD_ENDED } from './asleep.ts';
import { type Attended, descriptorsOf } from './attended.ts';
import { type Client, closeClient, flush, newClient, show, tellClient, tellEnd } from './client.ts';
import {
  areEmpty,
  haveRoom,
  type Inputs,
  inputRequests,
  openInputs,
  takeInput,
  writeInputs,
} from './inputs.ts';
import { ENDPOINTS, LARGEST_MESSAGE, MESSAGE, maskOf, message } from './protocol.ts';

const MOST_CLIENTS = 16;
const CHUNK = 16_384;
/** How long clients may take for what an app printed last. */
const LAST_WORDS_MS = 1000;

interface Output {
  readonly fd: number;
  readonly type: number;
  readonly endpoint: number;
  ended: boolean;
}

interface Attendance {
  readonly attended: Attended;
  readonly signals: number;
  readonly outputs: readonly Output[];
  readonly inputs: Inputs;
  clients: readonly Client[];
  /** When to end, by performance.now(), once the pod has. */
  endAt: number | undefined;
}

/**
 * Brings what an app prints to who is attached, and what they type to the app, until nobody is attached any more: then it
 * sleeps again. Everything comes through one poll(2), nothing in it waits for anybody, and what is held for each is bounded.
 */
export function attend(attended: Attended): number {
  blockSignals();
  for (const fd of descriptorsOf(attended)) closeOnExec(fd);
  const attendance: Attendance = {
    attended,
    signals: signalfd(UNBLOCKABLE),
    outputs: outputsOf(attended),
    inputs: openInputs(attended),
    clients: [],
    endAt: undefined,
  };
  accept(attendance);
  while (!isOver(attendance)) {
    if (isIdle(attendance)) fallAsleep(attendance);
    handle(attendance, poll(requestsOf(attendance), patience(attendance)));
  }
  return 0;
}

function outputsOf({ tty, stdout, stderr }: Attended): readonly Output[] {
  const output = (fd: number | undefined, type: number, endpoint: number) =>
    fd === undefined ? [] : [{ fd, type, endpoint, ended: false }];
  return [
    ...output(tty, MESSAGE.ttyOut, ENDPOINTS['tty-out']),
    ...output(stdout, MESSAGE.stdout, ENDPOINTS.stdout),
    ...output(stderr, MESSAGE.stderr, ENDPOINTS.stderr),
  ];
}

function isIdle({ clients, inputs, endAt }: Attendance): boolean {
  return clients.length === 0 && areEmpty(inputs) && endAt === undefined;
}

function isOver({ clients, endAt }: Attendance): boolean {
  return endAt !== undefined && (clients.length === 0 || performance.now() >= endAt);
}

function patience({ endAt }: Attendance): number {
  return endAt === undefined ? -1 : Math.max(0, Math.ceil(endAt - performance.now()));
}

/** One request for each fd: the terminal is read and written. */
function requestsOf({ attended, signals, outputs, inputs, clients }: Attendance): readonly PollRequest[] {
  const readable = haveRoom(inputs) ? POLL.POLLIN : 0; // not even that somebody left is heard then, or poll would not wait
  const all = [
    { fd: signals, events: POLL.POLLIN },
    ...(clients.length < MOST_CLIENTS ? [{ fd: attended.listener, events: POLL.POLLIN }] : []),
    ...outputs.filter(({ ended }) => !ended).map(({ fd }) => ({ fd, events: POLL.POLLIN })),
    ...inputRequests(inputs),
    ...clients
      .map(({ fd, waiting }) => ({ fd, events: readable | (waiting.length > 0 ? POLL.POLLOUT : 0) }))
      .filter(({ events }) => events !== 0),
  ];
  const events = new Map<number, number>();
  for (const request of all) events.set(request.fd, (events.get(request.fd) ?? 0) | request.events);
  return [...events].map(([fd, mask]) => ({ fd, events: mask }));
}

function handle(attendance: Attendance, revents: ReadonlyMap<number, number>): void {
  const { attended, signals, outputs, inputs } = attendance;
  if (readSignals(signals).includes(POD_ENDED)) attendance.endAt ??= performance.now() + LAST_WORDS_MS;
  if (revents.has(attended.listener)) accept(attendance);
  for (const client of attendance.clients) if (revents.has(client.fd)) hear(attendance, client);
  writeInputs(inputs, revents);
  for (const output of outputs) if (revents.has(output.fd)) pass(attendance, output);
  const attached = attendance.clients.filter(({ wanted }) => wanted !== undefined);
  if (hasEnded(attendance)) attached.forEach(tellEnd);
  for (const client of attendance.clients) flush(client);
  dismiss(attendance, ({ gone, hasHeardEnd, waiting }) => gone || (hasHeardEnd && waiting.length === 0));
}

/** Only root and who owns the pod may attach. */
function accept(attendance: Attendance): void {
  const fd = acceptConnection(attendance.attended.listener);
  if (fd === undefined) return;
  if (!isOwnerOrRoot(fd)) {
    closeSync(fd);
    return;
  }
  const client = newClient(fd);
  tellClient(client, message(MESSAGE.endpoints, Buffer.of(available(attendance.attended))));
  flush(client);
  attendance.clients = [...attendance.clients, client];
}

function available({ tty, stdin, stdout, stderr }: Attended): number {
  return maskOf([
    ...(tty === undefined ? [] : (['tty-in', 'tty-out'] as const)),
    ...(stdin === undefined ? [] : (['stdin'] as const)),
    ...(stdout === undefined ? [] : (['stdout'] as const)),
    ...(stderr === undefined ? [] : (['stderr'] as const)),
  ]);
}

function hear(attendance: Attendance, client: Client): void {
  if (!haveRoom(attendance.inputs)) return;
  const received = receiveMessage(client.fd, LARGEST_MESSAGE);
  if (received === 'none') return;
  if (received === 'gone') client.gone = true;
  else if (client.wanted !== undefined) takeInput(attendance.inputs, client.wanted, received);
  else if (received[0] === MESSAGE.attach) {
    client.wanted = (received[1] ?? 0) & available(attendance.attended);
  }
}

/** Reads once of what an app prints, for all who want it. */
function pass(attendance: Attendance, output: Output): void {
  if (output.ended) return;
  const bytes = readSome(output.fd, CHUNK);
  if (bytes === undefined) return;
  if (bytes.length === 0) output.ended = true;
  for (const client of attendance.clients)
    if (((client.wanted ?? 0) & output.endpoint) !== 0) show(client, output.type, bytes);
}

/** An app of which only the input leads here ends that by not being there to read it. */
function hasEnded({ outputs, inputs }: Attendance): boolean {
  return outputs.length === 0 ? inputs.stdin === undefined : outputs.every(({ ended }) => ended);
}

function dismiss(attendance: Attendance, leaves: (client: Client) => boolean): void {
  for (const client of attendance.clients) if (leaves(client)) closeClient(client);
  attendance.clients = attendance.clients.filter((client) => !leaves(client));
}

/** Becomes the image again that waits for the next. Whatever ended meanwhile ends there, too. */
function fallAsleep({ attended, inputs }: Attendance): never {
  const { stdin, ...others } = attended;
  const left = { ...others, ...(inputs.stdin === undefined ? {} : { stdin: inputs.stdin.to }) };
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const image = memoryFile('stage1: attending', asleepImage(left, env));
  for (const fd of [0, 1, 2, ...descriptorsOf(left)]) keepAcrossExec(fd);
  unblockSignal(POD_ENDED);
  return executeFile(image, ['stage1', 'attending', attended.app], []);
}

/** Opens the socket of an app in its directory, by which somebody attaches. Its path may be longer than an address. */
export function withAppDirectory<T>(podDirectory: string, app: string, use: (socket: string) => T): T {
  const directory = openSync(`${podDirectory}/apps/${app}`, fs.O_RDONLY | fs.O_DIRECTORY);
  try {
    return use(`/proc/self/fd/${directory}/attach`);
  } finally {
    closeSync(directory);
  }
}
