import { listenerKind, socketName } from '../../linux/listening-socket.ts';

/** Sockets of the service manager that cannot be served on. */
export class ListenerError extends Error {
  readonly code = 'ERR_LISTENER';
  readonly hint = 'give one UNIX stream socket for registrations, and TCP sockets of one port for pods';
}

/** What a service manager listens on for the metadata service; where it has nothing, the service listens itself. */
export interface GivenListeners {
  /** Where pods ask: all of one port. */
  readonly open: readonly number[];
  readonly port: number | undefined;
  /** Where pods are registered. */
  readonly registration: number | undefined;
}

/** Sorts the sockets of a service manager by what they are for. Throws ListenerError where there is no telling. */
export function sortListeners(fds: readonly number[]): GivenListeners {
  const kinds = new Map(fds.map((fd) => [fd, listenerKind(fd)]));
  const of = (kind: 'tcp' | 'unix' | undefined) => fds.filter((fd) => kinds.get(fd) === kind);
  const [stray] = of(undefined);
  if (stray !== undefined) refuse(`file descriptor ${stray} takes no connections by TCP or UNIX`);
  const open = of('tcp');
  const [port, ...others] = new Set(open.map((fd) => socketName(fd)?.port));
  if (others.length > 0) refuse(`they are on ports ${[port, ...others].join(' and ')}`);
  const [registration, ...more] = of('unix');
  if (more.length > 0) refuse(`${more.length + 1} of them are UNIX sockets`);
  return { open, port, registration };
}

function refuse(why: string): never {
  throw new ListenerError(`listen on the sockets of the service manager: ${why}`);
}
