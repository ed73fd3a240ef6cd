import { constants } from 'node:os';
import type { SECCOMP_FILTER_FLAG } from '../../linux/seccomp.ts';
import {
  architectureToken,
  callNumber,
  callNumberOn,
  type FilterBuilder,
  filterBuilder,
} from '../../linux/seccomp-library.ts';
import type { Seccomp, SeccompArg, SeccompSyscall } from '../../schema/runtime/seccomp.ts';
import { actionValue, isAllowing, SeccompActionError } from './action.ts';
import { type LargestCalls, withEnosys } from './enosys.ts';

/** A filter as the kernel takes it. */
export interface SeccompFilter {
  /** Classic BPF: struct sock_filter, one after another. */
  readonly program: Uint8Array;
  readonly flags: readonly (keyof typeof SECCOMP_FILTER_FLAG)[];
  /** System calls that should be restricted and that libseccomp does not know, so they are not. */
  readonly unrestricted: readonly string[];
}

/** With more rules a tree of comparisons is faster than a list; libseccomp 2.5 makes a bad one of no rules. */
const RULES_WORTH_A_TREE = 32;

/**
 * The filter of a runtime-spec `linux.seccomp`, made by the host's libseccomp as runc does: rules that equal the default
 * are left out, calls that libseccomp does not know are skipped, several comparisons of one argument are alternatives.
 */
export function compileFilter(seccomp: Seccomp): SeccompFilter {
  const { defaultAction, defaultErrnoRet } = seccomp;
  const otherwise = actionValue(defaultAction, defaultErrnoRet);
  const numbers = numberCalls(seccomp.syscalls ?? []);
  const architectures = tokens(seccomp.architectures ?? []);
  using builder = filterBuilder(otherwise);
  for (const token of architectures) builder.addArchitecture(token);
  if (numbers.size > RULES_WORTH_A_TREE) builder.optimize();
  for (const syscall of seccomp.syscalls ?? []) addRules(builder, syscall, numbers, otherwise);
  const program = builder.exportProgram();
  const noSuchCall = constants.errno.ENOSYS;
  const isPatched = !isAllowing(defaultAction) && defaultErrnoRet !== noSuchCall;
  return {
    program: isPatched ? withEnosys(program, largestCalls(numbers, architectures)) : program,
    flags: filterFlags(seccomp),
    unrestricted: unrestricted(seccomp, numbers),
  };
}

/** The native numbers of the calls a profile mentions; those unknown to libseccomp are missing. */
type CallNumbers = ReadonlyMap<string, number>;

function numberCalls(syscalls: readonly SeccompSyscall[]): CallNumbers {
  const names = new Set(syscalls.flatMap((each) => each.names));
  return new Map([...names].flatMap((name) => entry(name, callNumber(name))));
}

function entry<T>(name: string, value: T | undefined): readonly (readonly [string, T])[] {
  return value === undefined ? [] : [[name, value]];
}

function addRules(
  builder: FilterBuilder,
  syscall: SeccompSyscall,
  numbers: CallNumbers,
  otherwise: number,
): void {
  const action = actionValue(syscall.action, syscall.errnoRet);
  if (action === otherwise) return;
  const alternatives = comparisonSets(syscall.args ?? []);
  for (const name of syscall.names) {
    const number = numbers.get(name);
    if (number === undefined) continue;
    for (const comparisons of alternatives) builder.addRule(action, number, comparisons);
  }
}

/** libseccomp takes one comparison of an argument in a rule. */
function comparisonSets(args: readonly SeccompArg[]): readonly (readonly SeccompArg[])[] {
  const indices = new Set(args.map(({ index }) => index));
  return indices.size === args.length ? [args] : args.map((arg) => [arg]);
}

function tokens(architectures: readonly string[]): readonly number[] {
  return architectures.map((name) => {
    const token = architectureToken(name.replace('SCMP_ARCH_', '').toLowerCase());
    if (token === undefined) throw new SeccompActionError(`filter system calls: libseccomp has no ${name}`);
    return token;
  });
}

/** seccomp.h: SCMP_ARCH_NATIVE, SCMP_ARCH_X32 (a token of libseccomp's own). */
const NATIVE: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
const SCMP_ARCH_X32 = 0x4000_003e;

/** From this number on (pidfd_send_signal, Linux 5.1) new calls have the same number on every architecture. */
const SAME_EVERYWHERE = 424;

function largestCalls(numbers: CallNumbers, architectures: readonly number[]): LargestCalls {
  const native = architectureToken(NATIVE[process.arch] ?? process.arch);
  const all = new Set([...(native === undefined ? [] : [native]), ...architectures]);
  all.delete(SCMP_ARCH_X32);
  const largestNative = Math.max(0, ...numbers.values());
  const largestOn = (token: number) =>
    Math.max(0, ...[...numbers.keys()].map((name) => callNumberOn(token, name) ?? 0));
  return new Map(
    [...all].map((token) => [
      token,
      token === native || largestNative >= SAME_EVERYWHERE ? largestNative : largestOn(token),
    ]),
  );
}

/** The flags for seccomp(2). TSYNC is for processes with threads, which ours has not when it loads a filter. */
export function filterFlags({ flags = [] }: Seccomp): SeccompFilter['flags'] {
  return flags.flatMap((flag) => {
    if (flag === 'SECCOMP_FILTER_FLAG_LOG' || flag === 'SECCOMP_FILTER_FLAG_SPEC_ALLOW') return [flag];
    if (flag === 'SECCOMP_FILTER_FLAG_TSYNC') return [];
    throw new SeccompActionError(`filter system calls: ${flag} needs a listener, and there is none`);
  });
}

function unrestricted({ defaultAction, syscalls = [] }: Seccomp, numbers: CallNumbers): readonly string[] {
  if (!isAllowing(defaultAction)) return [];
  const restricting = syscalls.filter(({ action }) => !isAllowing(action)).flatMap(({ names }) => names);
  return [...new Set(restricting)].filter((name) => !numbers.has(name));
}
