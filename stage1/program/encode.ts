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
const TOLERATED = 1n;
const FORK = 2n;

/** What stands in a result that no call has written: larger than any errno, so no call returns it. */
export const NOT_RETURNED = -999_999n;

/** The bytes of a program that will stand at the address `base` (16-byte aligned), the step table first. Pure. */
export function encode(program: Program, base: number): Buffer {
  const { steps } = program;
  const heap = new Heap(base + STEP_SIZE * steps.length);
  const addressOf = (name: string) => base + STEP_SIZE * indexOf(steps, name);
  const table = steps.map((step, i) => {
    const args = Array.from({ length: 6 }, (_, j) => word(step.args[j] ?? 0, heap, addressOf));
    return words([
      syscallNumber(step.call),
      ...args,
      resultsTo(steps, i, base, heap),
      stepFlags(step),
      NOT_RETURNED,
    ]);
  });
  return Buffer.concat([...table, heap.bytes()]);
}

function word(arg: Arg, heap: Heap, stepAddress: (name: string) => number): bigint {
  if (typeof arg === 'number') return BigInt(arg);
  if ('value' in arg) return BigInt(arg.value);
  if ('text' in arg) return heap.put(cString(arg.text));
  if ('bytes' in arg) return heap.put(arg.bytes);
  if ('vector' in arg) return heap.putVector(arg.vector);
  if ('argOf' in arg) return BigInt(stepAddress(arg.argOf) + ARGS_AT + 8 * arg.index);
  return -1n; // until the step it comes from has written its result here
}

/** The address of the list of argument words that want the result of step `i`; 0 where there is none. */
function resultsTo(steps: readonly Step[], i: number, base: number, heap: Heap): bigint {
  const name = steps[i]?.as;
  if (name === undefined) return 0n;
  const addresses = steps.flatMap((step, s) =>
    step.args.flatMap((arg, a) => (isFrom(arg, name) ? [base + s * STEP_SIZE + ARGS_AT + 8 * a] : [])),
  );
  return addresses.length === 0 ? 0n : heap.put(words([...addresses, 0]));
}

function isFrom(arg: Arg, name: string): boolean {
  return typeof arg === 'object' && 'from' in arg && arg.from === name;
}

function stepFlags({ tolerate, skip = 0, fork }: Step): bigint {
  const tolerated = tolerate === undefined ? 0n : TOLERATED;
  const errno = typeof tolerate === 'number' ? BigInt(tolerate) << 16n : 0n;
  return tolerated | (fork ? FORK : 0n) | errno | (BigInt(skip) << 32n);
}

function indexOf(steps: readonly Step[], name: string): number {
  const index = steps.findIndex((step) => step.as === name);
  if (index < 0) throw new Error(`no step is called ${JSON.stringify(name)}`);
  return index;
}

/** Data behind the step table, each piece at a multiple of 16. */
class Heap {
  private readonly parts: Uint8Array[] = [];
  private next: number;

  constructor(base: number) {
    this.next = base;
  }

  put(bytes: Uint8Array): bigint {
    const address = this.next;
    const padding = -bytes.length & 15;
    this.parts.push(bytes, new Uint8Array(padding));
    this.next += bytes.length + padding;
    return BigInt(address);
  }

  putVector(strings: readonly string[]): bigint {
    const addresses = strings.map((string) => Number(this.put(cString(string))));
    return this.put(words([...addresses, 0]));
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}
