import { cString } from '../../linux/libc.ts';
import { syscallNumber } from '../../linux/syscall-numbers.ts';
import { words } from '../../linux/words.ts';
import type { Arg, Program, Step } from './step.ts';

/**
 * The form of a step in memory, ten 64-bit words: the call's number, six arguments, the address of a zero-terminated list
 * of addresses that also get the result (or 0), flags, and the result. The trampoline reads exactly this.
 */
export const STEP_SIZE = 80;
const ARGS_AT = 8;
export const RESULT_AT = 72;

/** Flags: bit 0 a failure is tolerated, bit 1 fork step, bits 16–31 the only errno tolerated (0: any), 32–47 steps to skip then. */
const TOLERATED = 1;
const FORK = 2;

/** What stands in a result that no call has written: larger than any errno, so no call returns it. */
export const NOT_RETURNED = -999_999;

/** The bytes of a program that will stand at the address `base` (16-byte aligned), the step table first. Pure. */
export function encode({ steps }: Program, base: number): Buffer {
  const heap = new Heap(base + STEP_SIZE * steps.length);
  const names = new Map(steps.flatMap(({ as }, i) => (as === undefined ? [] : [[as, base + STEP_SIZE * i]])));
  const uses = usesOfResults(steps, base);
  const table = steps.flatMap((step) => {
    const args = Array.from({ length: 6 }, (_, j) => word(step.args[j] ?? 0, heap, names));
    const addresses = step.as === undefined ? undefined : uses.get(step.as);
    const resultsTo = addresses === undefined ? 0 : heap.put(words([...addresses, 0]));
    return [syscallNumber(step.call), ...args, resultsTo, stepFlags(step), NOT_RETURNED];
  });
  return Buffer.concat([words(table), heap.bytes()]);
}

/** The addresses of the argument words that want the result of a step, by the step's name. */
function usesOfResults(steps: readonly Step[], base: number): ReadonlyMap<string, readonly number[]> {
  const uses = new Map<string, number[]>();
  for (const [s, step] of steps.entries()) {
    for (const [a, arg] of step.args.entries()) {
      if (typeof arg !== 'object' || !('from' in arg)) continue;
      const address = base + s * STEP_SIZE + ARGS_AT + 8 * a;
      uses.set(arg.from, [...(uses.get(arg.from) ?? []), address]);
    }
  }
  return uses;
}

function word(arg: Arg, heap: Heap, names: ReadonlyMap<string, number>): number {
  if (typeof arg === 'number') return arg;
  if ('value' in arg) return arg.value;
  if ('text' in arg) return heap.put(cString(arg.text));
  if ('bytes' in arg) return heap.put(arg.bytes);
  if ('vector' in arg) return heap.putVector(arg.vector);
  if ('argOf' in arg) return (names.get(arg.argOf) ?? unknown(arg.argOf)) + ARGS_AT + 8 * arg.index;
  if (!names.has(arg.from)) unknown(arg.from);
  return -1; // until the step it comes from has written its result here
}

function unknown(name: string): never {
  throw new Error(`no step is called ${JSON.stringify(name)}`);
}

function stepFlags({ tolerate, skip = 0, fork }: Step): number {
  if (tolerate === undefined) return fork ? FORK : 0;
  const errno = typeof tolerate === 'number' ? tolerate : 0;
  return TOLERATED + errno * 0x1_0000 + skip * 0x1_0000_0000;
}

const PADDING = new Uint8Array(16);

/** Data behind the step table, each piece at a multiple of 16. */
class Heap {
  private readonly parts: Uint8Array[] = [];
  private next: number;

  constructor(base: number) {
    this.next = base;
  }

  put(bytes: Uint8Array): number {
    const address = this.next;
    this.parts.push(bytes, PADDING.subarray(0, -bytes.length & 15));
    this.next += bytes.length + (-bytes.length & 15);
    return address;
  }

  putVector(strings: readonly string[]): number {
    const addresses = strings.map((string) => this.put(cString(string)));
    return this.put(words([...addresses, 0]));
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}
