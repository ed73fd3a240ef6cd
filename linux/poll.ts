import { libc } from './call.ts';
import { callIntApart } from './libc.ts';
import { hasCode, SystemError } from './system-error.ts';

/** poll.h */
export const POLL = { POLLIN: 1, POLLOUT: 4, POLLERR: 8, POLLHUP: 16, POLLNVAL: 32 } as const;

const POLLFD_SIZE = 8;

/** What to wait for on a file descriptor: a set of POLLIN and POLLOUT. The kernel adds POLLERR, POLLHUP and POLLNVAL unasked. */
export interface PollRequest {
  readonly fd: number;
  readonly events: number;
}

/** The `revents` of each fd that has any. Empty when the time was up (−1 waits for ever) or a signal came. */
export function poll(requests: readonly PollRequest[], timeoutMs: number): ReadonlyMap<number, number> {
  const bytes = packPollFds(requests);
  try {
    libc('poll', [bytes, requests.length, timeoutMs]);
  } catch (error) {
    if (hasCode(error, 'EINTR')) return new Map();
    throw error;
  }
  return unpackEvents(bytes);
}

/** As poll(), but timers and all else of this process go on while a thread of the runtime's pool waits. */
export async function pollApart(
  requests: readonly PollRequest[],
  timeoutMs: number,
): Promise<ReadonlyMap<number, number>> {
  const bytes = packPollFds(requests);
  const { value, errno } = await callIntApart('poll', [bytes, requests.length, timeoutMs]);
  if (value !== -1) return unpackEvents(bytes);
  const error = new SystemError('poll', errno);
  if (error.code === 'EINTR') return new Map();
  throw error;
}

/** An array of struct pollfd: fd at 0, events at 4, revents at 6; 8 bytes each. */
export function packPollFds(requests: readonly PollRequest[]): Buffer {
  const bytes = Buffer.alloc(POLLFD_SIZE * requests.length);
  for (const [index, { fd, events }] of requests.entries()) {
    bytes.writeInt32LE(fd, POLLFD_SIZE * index);
    bytes.writeInt16LE(events, POLLFD_SIZE * index + 4);
  }
  return bytes;
}

function unpackEvents(bytes: Buffer): ReadonlyMap<number, number> {
  const events = new Map<number, number>();
  for (let at = 0; at < bytes.length; at += POLLFD_SIZE) {
    const revents = bytes.readInt16LE(at + 6);
    if (revents !== 0) events.set(bytes.readInt32LE(at), revents);
  }
  return events;
}
