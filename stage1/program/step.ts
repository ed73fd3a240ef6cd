import type { SyscallName } from '../../linux/syscall-numbers.ts';

/**
 * A spawn program: the list of system calls that a child makes between clone and execve, as plain data.
 * Compiled by pure functions, printed by `--dry-run`, encoded into memory and run by the trampoline.
 */
export interface Program {
  /** What the child is for, as an error names it: `app "web"`. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** File descriptors of ours that the steps use; a program that runs apart from us has no others. */
  readonly keeps?: readonly number[];
}

export interface Step {
  readonly call: SyscallName;
  /** At most six. */
  readonly args: readonly Arg[];
  /** What the step does, for the error that names it: `mount proc on /proc`. Without it the call's name stands. */
  readonly what?: string;
  /** Later steps can use the result of this one under this name: `from('rootfs')`. */
  readonly as?: string;
  /** A failure the program survives: with any errno, or only with this one. */
  readonly tolerate?: 'any' | number;
  /** After a tolerated failure go on behind this many following steps. */
  readonly skip?: number;
  /** The call clones: where the result is not 0, the parent's side, exit at once; the child goes on. */
  readonly fork?: true;
}

/** A word for the kernel, or something whose address is one. */
export type Arg =
  | number
  | { readonly value: number; readonly shown: string }
  | { readonly text: string }
  | { readonly bytes: Uint8Array; readonly shown: string }
  | { readonly vector: readonly string[] }
  | { readonly words: readonly Arg[]; readonly shown: string }
  | { readonly from: string }
  | { readonly argOf: string; readonly index: number };

/** A NUL-terminated string. */
export const text = (value: string): Arg => ({ text: value });

/** A NULL-terminated array of strings: argv or envp. */
export const vector = (value: readonly string[]): Arg => ({ vector: value });

/** A structure or buffer, and how a listing shows it. */
export const struct = (bytes: Uint8Array, shown: string): Arg => ({ bytes, shown });

/** A structure of 64-bit words, some of which are addresses themselves. */
export const structOf = (words: readonly Arg[], shown: string): Arg => ({ words, shown });

/** The result of the earlier step of this name: most often a file descriptor. */
export const from = (name: string): Arg => ({ from: name });

/** The address of an argument of a later step: for calls that write there. */
export const argOf = (name: string, index: number): Arg => ({ argOf: name, index });

/** Flags by their kernel names, or-ed: `flags(MS, 'MS_BIND', 'MS_REC')`. */
export function flags<Name extends string>(
  table: Readonly<Record<Name, number>>,
  ...names: readonly Name[]
): Arg {
  const value = names.reduce((sum, name) => sum + table[name], 0);
  return { value, shown: names.join('|') || '0' };
}
