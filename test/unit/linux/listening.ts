import { closeSync } from 'node:fs';
import { libc } from '../../../linux/call.ts';
import { setNonBlocking } from '../../../linux/descriptor.ts';
import { socketName } from '../../../linux/listening-socket.ts';
import { bindSocket, SOCKET } from '../../../linux/socket.ts';
import { packUnixAddress } from '../../../linux/unix-socket.ts';

/** A listening socket as a service manager would make it. */
export interface Listening extends Disposable {
  readonly fd: number;
}

/** On a free port. */
export function listenTcp(address = '127.0.0.1'): Listening & { readonly port: number } {
  const fd = bindSocket({ protocol: 'tcp', address, port: 0 });
  return { ...listening(fd), port: socketName(fd)?.port ?? 0 };
}

export function listenUnix(path: string): Listening {
  const fd = libc('socket', [1, SOCKET.SOCK_STREAM | SOCKET.SOCK_CLOEXEC, 0]);
  const address = packUnixAddress(path);
  libc('bind', [fd, address, address.length]);
  return listening(fd);
}

function listening(fd: number): Listening {
  libc('listen', [fd, 16]);
  setNonBlocking(fd);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
