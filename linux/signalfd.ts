import { readSync } from 'node:fs';
import { libc } from './call.ts';
import { signalMask } from './signal.ts';
import { hasCode } from './system-error.ts';

/** sys/signalfd.h */
const SFD_CLOEXEC = 0o2000000;
const SFD_NONBLOCK = 0o4000;
const SIGNALFD_SIGINFO_SIZE = 128;

/** signalfd(2): a fd that is readable when a signal outside of `except` is pending. The signals must be blocked. */
export function signalfd(except: readonly number[]): number {
  return libc('signalfd', [-1, signalMask(except), SFD_CLOEXEC | SFD_NONBLOCK]);
}

/** The numbers of the signals that are pending now; empty when none is. */
export function readSignals(fd: number): readonly number[] {
  const bytes = Buffer.alloc(SIGNALFD_SIGINFO_SIZE * 16);
  const length = readPending(fd, bytes);
  // struct signalfd_siginfo: ssi_signo at 0
  return Array.from({ length: length / SIGNALFD_SIGINFO_SIZE }, (_, i) =>
    bytes.readUInt32LE(i * SIGNALFD_SIGINFO_SIZE),
  );
}

function readPending(fd: number, bytes: Buffer): number {
  try {
    return readSync(fd, bytes);
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return 0;
    throw error;
  }
}
