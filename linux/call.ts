import { type Arg, callInt, callLong } from './libc.ts';
import { type SyscallName, syscallNumber } from './syscall-numbers.ts';
import { SystemError } from './system-error.ts';

/** Calls a libc function that returns `int`: its value, or a SystemError that says `what` when that is −1. */
export function libc(name: string, args: readonly Arg[], what = name): number {
  const { value, errno } = callInt(name, args);
  if (value === -1) throw new SystemError(what, errno);
  return value;
}

/** Makes a system call by number, for those glibc has no function for. Throws a SystemError that says `what`. */
export function syscall(name: SyscallName, args: readonly Arg[], what: string = name): number {
  const { value, errno } = callLong('syscall', [syscallNumber(name), ...args]);
  if (value === -1) throw new SystemError(what, errno);
  return value;
}
