import { constants, writeSync } from 'node:fs';
import { libc } from './call.ts';
import { F_SETFD, FD_CLOEXEC, O_CLOEXEC } from './fcntl.ts';

/** fcntl.h */
const F_GETFL = 3;
const F_SETFL = 4;

/** sys/mman.h */
const MFD_CLOEXEC = 1;

/** pipe2(2): both ends close-on-exec. */
export function pipe(): { readonly read: number; readonly write: number } {
  const fds = Buffer.alloc(8);
  libc('pipe2', [fds, O_CLOEXEC]);
  return { read: fds.readInt32LE(0), write: fds.readInt32LE(4) };
}

/** Reading and writing `fd` never waits; for all who have the same open file. */
export function setNonBlocking(fd: number): void {
  const before = libc('fcntl', [fd, F_GETFL, 0], `ask for the flags of file descriptor ${fd}`);
  libc('fcntl', [fd, F_SETFL, before | constants.O_NONBLOCK], `set the flags of file descriptor ${fd}`);
}

/** memfd_create(2): a file in memory with this content, close-on-exec. */
export function memoryFile(name: string, content: Uint8Array): number {
  const fd = libc('memfd_create', [name, MFD_CLOEXEC]);
  writeSync(fd, content);
  return fd;
}

/** From now on `fd` ends with an execve(2). */
export function closeOnExec(fd: number): void {
  libc('fcntl', [fd, F_SETFD, FD_CLOEXEC], `mark file descriptor ${fd}`);
}
