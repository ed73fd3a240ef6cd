import { Socket, type SocketConnectOpts } from 'node:net';
import { acceptConnection } from './accept.ts';
import { POLL, pollApart } from './poll.ts';

/** A connection, and the listening socket it came by. */
export interface Accepted {
  readonly listener: number;
  /** Whoever is given it closes it, or makes a stream of it. */
  readonly fd: number;
}

/**
 * Waits for connections to these listening sockets, which must not block, and accepts one of each that has some; all else of
 * the process goes on. Empty when those that waited have gone again. A SystemError when a socket cannot listen any more.
 */
export async function acceptSome(listeners: readonly number[]): Promise<readonly Accepted[]> {
  const ready = await pollApart(
    listeners.map((fd) => ({ fd, events: POLL.POLLIN })),
    -1,
  );
  return [...ready.keys()].flatMap((listener) => {
    const fd = acceptConnection(listener);
    return fd === undefined ? [] : [{ listener, fd }];
  });
}

/**
 * A connected socket as a stream of the runtime, which closes it in the end. The caller listens for errors at once. The
 * runtime's own listen() takes no file descriptor (it opens another port), and it reads nothing from a `new Socket({ fd })`;
 * from this it does.
 */
export function streamOf(fd: number): Socket {
  return new Socket({ allowHalfOpen: true }).connect({ fd } as unknown as SocketConnectOpts);
}
