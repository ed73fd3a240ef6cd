import { syscallNumber } from '../../linux/syscall-numbers.ts';
import { Memory } from './memory.ts';
import type { Arg, Program, Step } from './step.ts';

/**
 * The form of a step in memory, ten 64-bit words: the call's number, six arguments, the address of a zero-terminated list
 * of addresses that also get the result (or 0), flags, and the result. The trampoline reads exactly this.
 */
export const STEP_SIZE = 80;
const ARGS_AT = 8;
export const RESULTS_TO_AT = 56;
const FLAGS_AT = 64;
export const RESULT_AT = 72;

/** Flags: bit 0 a failure is tolerated, bit 1 fork step, bits 16–31 the only errno tolerated (0: any), 32–47 steps to skip then. */
const TOLERATED = 1;
const FORK = 2;

/** What stands in a result that no call has written: larger than any errno, so no call returns it. */
export const NOT_RETURNED = -999_999;

/** A program on its way into memory. */
interface Encoding {
  readonly memory: Memory;
  /** The address of each step that has a name. */
  readonly steps: ReadonlyMap<string, number>;
  /** The addresses of the words that want the result of a step, by its name. */
  readonly uses: Map<string, number[]>;
}

/**
 * The bytes of a program that will stand at the address `base` (16-byte aligned): the step table, then its data. Pure, and
 * in plain loops: it runs once in a fresh process, where nothing is compiled yet.
 */
export function encode({ steps }: Program, base: number): Buffer {
  const memory = new Memory(base);
  memory.reserve(STEP_SIZE * steps.length);
  const encoding = { memory, steps: stepAddresses(steps, base), uses: new Map() };
  let at = base;
  for (const step of steps) {
    encodeStep(step, at, encoding);
    at += STEP_SIZE;
  }
  for (const [name, uses] of encoding.uses) linkResult(name, uses, encoding);
  return memory.bytes();
}

/** The results in a step table, as far as calls have returned; a failure is −errno. */
export function readResults(table: Buffer): readonly (number | undefined)[] {
  return Array.from({ length: table.length / STEP_SIZE }, (_, i) => {
    const result = Number(table.readBigInt64LE(i * STEP_SIZE + RESULT_AT));
    return result === NOT_RETURNED ? undefined : result;
  });
}

function stepAddresses(steps: readonly Step[], base: number): ReadonlyMap<string, number> {
  const addresses = new Map<string, number>();
  steps.forEach(({ as }, i) => {
    if (as !== undefined) addresses.set(as, base + STEP_SIZE * i);
  });
  return addresses;
}

function encodeStep(step: Step, at: number, encoding: Encoding): void {
  const { memory } = encoding;
  memory.setWord(at, syscallNumber(step.call));
  for (let i = 0; i < step.args.length; i++) setArg(step.args[i] ?? 0, at + ARGS_AT + 8 * i, encoding);
  memory.setWord(at + FLAGS_AT, stepFlags(step));
  memory.setWord(at + RESULT_AT, NOT_RETURNED);
}

/** Writes an argument's word, and before it what the word is the address of. */
function setArg(arg: Arg, at: number, encoding: Encoding): void {
  encoding.memory.setWord(at, typeof arg === 'number' ? arg : word(arg, at, encoding));
}

function word(arg: Exclude<Arg, number>, at: number, encoding: Encoding): number {
  const { memory } = encoding;
  if ('value' in arg) return arg.value;
  if ('text' in arg) return memory.putText(arg.text);
  if ('bytes' in arg) return memory.put(arg.bytes);
  if ('vector' in arg) return memory.putVector(arg.vector);
  if ('words' in arg) return putWords(arg.words, encoding);
  if ('argOf' in arg) return addressOf(arg.argOf, encoding) + ARGS_AT + 8 * arg.index;
  addUse(arg.from, at, encoding);
  return -1; // until the step it comes from has written its result here
}

function putWords(args: readonly Arg[], encoding: Encoding): number {
  const address = encoding.memory.reserve(8 * args.length);
  args.forEach((arg, i) => {
    setArg(arg, address + 8 * i, encoding);
  });
  return address;
}

function addUse(name: string, at: number, { uses }: Encoding): void {
  const others = uses.get(name);
  if (others) others.push(at);
  else uses.set(name, [at]);
}

function linkResult(name: string, uses: readonly number[], encoding: Encoding): void {
  const list = encoding.memory.reserve(8 * (uses.length + 1));
  uses.forEach((address, i) => {
    encoding.memory.setWord(list + 8 * i, address);
  });
  encoding.memory.setWord(addressOf(name, encoding) + RESULTS_TO_AT, list);
}

function addressOf(name: string, { steps }: Encoding): number {
  const address = steps.get(name);
  if (address === undefined) throw new Error(`no step is called ${JSON.stringify(name)}`);
  return address;
}

function stepFlags({ tolerate, skip = 0, fork }: Step): number {
  if (tolerate === undefined) return fork ? FORK : 0;
  const errno = typeof tolerate === 'number' ? tolerate : 0;
  return TOLERATED + errno * 0x1_0000 + skip * 0x1_0000_0000;
}
