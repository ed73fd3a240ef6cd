import { readSync, writeSync } from 'node:fs';
import { POLL, type PollRequest } from '../../linux/poll.ts';
import { hasCode } from '../../linux/system-error.ts';

/** How many bytes may wait: a side that does not read stops the other one, as a pipe does. */
export const CAPACITY = 65536;

/** PIPE_BUF: so many bytes never block on a pipe that poll(2) calls writable, even when the pipe is a blocking one. */
const CHUNK = 4096;

/** One direction of a terminal: bytes read from one fd that wait to be written to another. */
export interface Flow {
  readonly from: number;
  readonly to: number;
  waiting: Buffer;
  /** The last byte read; undefined before the first. */
  last: number | undefined;
  /** Nothing more will be read. */
  ended: boolean;
  /** Nobody reads: what comes is thrown away, so that the writer is not held up. */
  broken: boolean;
}

export function newFlow(from: number, to: number): Flow {
  return { from, to, waiting: Buffer.alloc(0), last: undefined, ended: false, broken: false };
}

/** What to poll for: to read while there is room, to write while something waits. */
export function flowRequests(flow: Flow): readonly PollRequest[] {
  const requests: PollRequest[] = [];
  if (!flow.ended && flow.waiting.length < CAPACITY) requests.push({ fd: flow.from, events: POLL.POLLIN });
  if (flow.waiting.length > 0) requests.push({ fd: flow.to, events: POLL.POLLOUT });
  return requests;
}

/** Reads once from a source that poll(2) called readable. End of file, and EIO of a pty without its other end, end the flow. */
export function fill(flow: Flow): void {
  if (flow.ended || flow.waiting.length >= CAPACITY) return;
  const bytes = readSome(flow.from, CHUNK);
  if (bytes === undefined) return;
  if (bytes.length === 0) flow.ended = true;
  else append(flow, bytes);
}

/** Adds bytes to what waits, or drops them when nobody reads. */
export function append(flow: Flow, bytes: Uint8Array): void {
  flow.last = bytes.at(-1) ?? flow.last;
  if (!flow.broken) flow.waiting = Buffer.concat([flow.waiting, bytes]);
}

/** Writes once to a sink that poll(2) called writable. */
export function drain(flow: Flow): void {
  if (flow.waiting.length === 0) return;
  try {
    const count = writeSync(flow.to, flow.waiting, 0, Math.min(CHUNK, flow.waiting.length));
    flow.waiting = flow.waiting.subarray(count);
  } catch (error) {
    if (hasCode(error, 'EAGAIN', 'EINTR')) return;
    if (!hasCode(error, 'EPIPE', 'EIO', 'EBADF', 'ENOSPC', 'ENXIO')) throw error;
    breakFlow(flow);
  }
}

/** Gives up on the sink. */
export function breakFlow(flow: Flow): void {
  flow.broken = true;
  flow.waiting = Buffer.alloc(0);
}

/** Reads once: undefined when there is nothing yet, empty when there will be nothing any more. EIO is how a pty ends. */
export function readSome(fd: number, most: number): Buffer | undefined {
  const bytes = Buffer.alloc(most);
  try {
    return bytes.subarray(0, readSync(fd, bytes));
  } catch (error) {
    if (hasCode(error, 'EAGAIN', 'EINTR')) return undefined;
    if (hasCode(error, 'EIO', 'EBADF')) return bytes.subarray(0, 0);
    throw error;
  }
}
