import { callLong } from '../../linux/libc.ts';
import { allocate, peek, poke } from '../../linux/memory.ts';
import { words } from '../../linux/words.ts';
import { encode, RESULT_AT, RESULTS_TO_AT, STEP_SIZE } from './encode.ts';
import { failure } from './failure.ts';
import type { Program, Step } from './step.ts';

/** As much as a spawned program may take. */
const MOST_BYTES = 8 << 20;
const ARGUMENTS = 6;

/**
 * Runs a program in the calling thread, whose last call replaces this process by another. What the calls change of the
 * thread alone, such as its user, is what the new program has: execve(2) ends all other threads. Returns only by throwing
 * the SystemError of the step that failed.
 */
export function runInPlace(program: Program): never {
  const table = allocate(MOST_BYTES);
  poke(table, encode(program, table));
  const results: (number | undefined)[] = program.steps.map(() => undefined);
  for (let i = 0; i < program.steps.length; ) {
    const step = program.steps[i];
    if (step === undefined) break;
    const result = makeCall(table + i * STEP_SIZE);
    results[i] = result;
    if (result < 0 && !isTolerated(step, result)) break;
    i += result < 0 ? 1 + (step.skip ?? 0) : 1;
  }
  throw failure(program, results) ?? new TypeError(`${program.name} ended without an execve`);
}

/** Makes the system call of a step and stores its result as the trampoline does; −errno where it failed. */
function makeCall(step: number): number {
  const [number = 0, ...args] = readWords(step, 1 + ARGUMENTS);
  const { value, errno } = callLong('syscall', [number, ...args]);
  const result = value === -1 ? -errno : value;
  poke(step + RESULT_AT, words([result]));
  for (const address of destinations(step)) poke(address, words([result]));
  return result;
}

function destinations(step: number): readonly number[] {
  const [list = 0] = readWords(step + RESULTS_TO_AT, 1);
  const addresses: number[] = [];
  for (let at = list; at !== 0; at += 8) {
    const [address = 0] = readWords(at, 1);
    if (address === 0) break;
    addresses.push(address);
  }
  return addresses;
}

function readWords(address: number, count: number): readonly number[] {
  const bytes = peek(address, 8 * count);
  return Array.from({ length: count }, (_, i) => Number(bytes.readBigInt64LE(8 * i)));
}

function isTolerated({ tolerate }: Step, result: number): boolean {
  return tolerate === 'any' || tolerate === -result;
}
