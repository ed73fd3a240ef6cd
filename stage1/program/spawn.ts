import { libc } from '../../linux/call.ts';
import { allocate, allocateCode, free, peek, poke } from '../../linux/memory.ts';
import { CLONE } from '../../linux/namespace.ts';
import { encode, readResults, STEP_SIZE } from './encode.ts';
import { machineCode } from './machine-code.ts';
import type { Program } from './step.ts';

/** A child that runs, or has run, a program. Its memory goes back with `using` once it has exec'ed or ended. */
export interface Spawned extends Disposable {
  readonly program: Program;
  /** The child's pid in our PID namespace. */
  readonly pid: number;
  /** What each step returned so far; undefined where none has. A failure is −errno. */
  results(): readonly (number | undefined)[];
}

/** bits/signum-generic.h: the signal a child sends when it ends. */
const SIGCHLD = 17;
const STACK_SIZE = 65_536;

/** A program with all its data; arguments and environment are at most 2 MiB (execve(2)). Memory never written to costs nothing. */
const MOST_BYTES = 8 << 20;

/**
 * clone(2): starts a child on our memory (CLONE_VM) at the first step of `program`. With `vfork`, it returns when the child
 * has exec'ed or ended. Every signal the runtime handles must be blocked: a handler would run in the child, on our memory.
 */
export function spawn(program: Program, flags: number, vfork: boolean): Spawned {
  const table = allocate(MOST_BYTES);
  poke(table, encodeWithin(program, table));
  const stack = allocate(STACK_SIZE);
  const cloneFlags = CLONE.CLONE_VM | (vfork ? CLONE.CLONE_VFORK : 0) | flags | SIGCHLD;
  const pid = libc('clone', [trampoline(), stack + STACK_SIZE, cloneFlags, table], `clone ${program.name}`);
  return {
    program,
    pid,
    results: () => readResults(peek(table, program.steps.length * STEP_SIZE)),
    [Symbol.dispose]() {
      free(table, MOST_BYTES);
      free(stack, STACK_SIZE);
    },
  };
}

function encodeWithin(program: Program, base: number): Buffer {
  const bytes = encode(program, base);
  if (bytes.length > MOST_BYTES) throw new ProgramTooLarge(program.name, bytes.length);
  return bytes;
}

class ProgramTooLarge extends Error {
  readonly code = 'E2BIG';
  constructor(name: string, length: number) {
    super(`start ${name}: ${length} bytes of arguments, environment and mounts are more than ${MOST_BYTES}`);
  }
}

let code: number | undefined;

function trampoline(): number {
  code ??= allocateCode(machineCode().trampoline);
  return code;
}
