import { closeSync } from 'node:fs';
import { POLL, type PollRequest } from '../../linux/poll.ts';
import { setWindowSize } from '../../linux/tty.ts';
import { append, breakFlow, CAPACITY, drain, type Flow, newFlow } from '../terminal/flow.ts';
import { endOfFile } from '../terminal/terminal.ts';
import type { Attended } from './attended.ts';
import { ENDPOINTS, MESSAGE } from './protocol.ts';

/** What attached clients let the app read. */
export interface Inputs {
  /** Keys for its terminal. */
  readonly tty: Flow | undefined;
  stdin: Flow | undefined;
}

export function openInputs({ tty, stdin }: Attended): Inputs {
  const flow = (fd: number | undefined) => (fd === undefined ? undefined : newFlow(-1, fd));
  return { tty: flow(tty), stdin: flow(stdin) };
}

/** Whether more may be taken: else who types waits, as at a full pipe. */
export function haveRoom({ tty, stdin }: Inputs): boolean {
  return [tty, stdin].every((flow) => flow === undefined || flow.waiting.length < CAPACITY);
}

export function areEmpty({ tty, stdin }: Inputs): boolean {
  return [tty, stdin].every((flow) => flow === undefined || flow.waiting.length === 0);
}

/** To write while something waits; and of standard input always whether somebody is there to read it (POLLERR). */
export function inputRequests({ tty, stdin }: Inputs): readonly PollRequest[] {
  return [
    ...(tty !== undefined && tty.waiting.length > 0 ? [{ fd: tty.to, events: POLL.POLLOUT }] : []),
    ...(stdin === undefined ? [] : [{ fd: stdin.to, events: stdin.waiting.length > 0 ? POLL.POLLOUT : 0 }]),
  ];
}

/** Takes a message of a client that has attached to `wanted`; others mean nothing. */
export function takeInput(inputs: Inputs, wanted: number, bytes: Buffer): void {
  const { tty, stdin } = inputs;
  const [type] = bytes;
  const content = bytes.subarray(1);
  if (tty !== undefined && (wanted & ENDPOINTS['tty-in']) !== 0) takeKeys(tty, type, content);
  if (stdin === undefined || stdin.ended || (wanted & ENDPOINTS.stdin) === 0) return;
  if (type === MESSAGE.stdin) append(stdin, content);
  if (type === MESSAGE.stdinEnd) stdin.ended = true;
}

/** Writes what poll(2) allows. Standard input is closed when all was written that came before its end. */
export function writeInputs(inputs: Inputs, revents: ReadonlyMap<number, number>): void {
  const { tty, stdin } = inputs;
  if (tty !== undefined && has(revents, tty, POLL.POLLHUP)) breakFlow(tty);
  if (tty !== undefined && has(revents, tty, POLL.POLLOUT)) drain(tty);
  if (stdin === undefined) return;
  if (has(revents, stdin, POLL.POLLERR)) breakFlow(stdin);
  else if (has(revents, stdin, POLL.POLLOUT)) drain(stdin);
  if (!stdin.broken && !(stdin.ended && stdin.waiting.length === 0)) return;
  closeSync(stdin.to);
  inputs.stdin = undefined;
}

function takeKeys(tty: Flow, type: number | undefined, content: Buffer): void {
  tty.broken = false; // an app that was started again has opened its terminal again
  if (type === MESSAGE.ttyIn) append(tty, content);
  if (type === MESSAGE.ttyInEnd) append(tty, endOfFile(tty));
  if (type === MESSAGE.size && content.length === 4)
    setWindowSize(tty.to, { rows: content.readUInt16LE(0), columns: content.readUInt16LE(2) });
}

function has(revents: ReadonlyMap<number, number>, { to }: Flow, events: number): boolean {
  return ((revents.get(to) ?? 0) & events) !== 0;
}
