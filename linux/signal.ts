import { constants } from 'node:os';
import { callInt, errnoName } from './libc.ts';

/** signal.h: SIG_SETMASK */
const SIG_SETMASK = 2;

/** glibc keeps 32 and 33 for thread cancellation and setxid; blocking them breaks its threads. */
const OF_GLIBC: readonly number[] = [32, 33];

const { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGPWR } = constants.signals;

/** What must never be blocked: faults, which the kernel delivers all the same, and SIGPWR, which JavaScriptCore stops threads with. */
export const UNBLOCKABLE: readonly number[] = [
  SIGILL,
  SIGTRAP,
  SIGABRT,
  SIGBUS,
  SIGFPE,
  SIGSEGV,
  SIGSYS,
  SIGPWR,
  ...OF_GLIBC,
];

/**
 * Blocks all signals but {@link UNBLOCKABLE} in the calling thread. The mask and what is pending cross execve(2), so whoever
 * is executed next loses no signal that came before it could listen.
 */
export function blockSignals(): void {
  const error = callInt('pthread_sigmask', [SIG_SETMASK, signalMask(UNBLOCKABLE), null]).value;
  if (error !== 0) throw new TypeError(`block signals: ${errnoName(error)}`);
}

/** Lets a signal through to the calling thread again; one that is pending comes at once. */
export function unblockSignal(signal: number): void {
  const error = callInt('pthread_sigmask', [SIG_SETMASK, signalMask([...UNBLOCKABLE, signal]), null]).value;
  if (error !== 0) throw new TypeError(`unblock signal ${signal}: ${errnoName(error)}`);
}

/** glibc's sigset_t, 128 bytes: signal N is bit N−1. All 64 signals are set but `except`. */
export function signalMask(except: readonly number[]): Buffer {
  const absent = except.reduce((bits, signal) => bits | (1n << BigInt(signal - 1)), 0n);
  const bytes = Buffer.alloc(128);
  bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn & ~absent);
  return bytes;
}
