import { closeSync, fstatSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { memoryFile } from './descriptor.ts';
import { callInt, callLong, openLibrary } from './libc.ts';
import { peek } from './memory.ts';
import { SystemError } from './system-error.ts';

const { EEXIST, EINVAL } = constants.errno;

const LIBRARY = 'libseccomp.so.2';

/** seccomp.h: enum scmp_filter_attr, enum scmp_compare, __NR_SCMP_ERROR. */
const SCMP_FLTATR_CTL_OPTIMIZE = 8;
const BINARY_TREE = 2;
const SCMP_CMP = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
} as const;
const NR_SCMP_ERROR = -1;

/** A comparison of an argument of a system call, 64 bits without sign. For SCMP_CMP_MASKED_EQ `value` is the mask. */
export interface Comparison {
  readonly index: number;
  readonly op: keyof typeof SCMP_CMP;
  readonly value: bigint;
  readonly valueTwo: bigint;
}

/** A filter of libseccomp (seccomp_init(3)) in the making; actions are the kernel's SECCOMP_RET values. */
export interface FilterBuilder extends Disposable {
  /** Filters this architecture too (seccomp_arch_add(3)); the native one always is. */
  addArchitecture(token: number): void;
  /** Rules for many calls are looked up in a binary tree instead of one after another. */
  optimize(): void;
  /** All comparisons must hold; a rule that is there already is no error. */
  addRule(action: number, call: number, comparisons?: readonly Comparison[]): void;
  /** The classic BPF program (seccomp_export_bpf(3)). */
  exportProgram(): Buffer;
}

/** The host has no libseccomp. */
export class SeccompLibraryMissing extends Error {
  readonly code = 'ERR_SECCOMP_LIBRARY';
  readonly hint =
    'install libseccomp2 (Debian package), or switch filters off with --insecure-options=seccomp';
  constructor(cause: unknown) {
    super(`filter system calls: ${LIBRARY} cannot be loaded`, { cause });
  }
}

export function filterBuilder(defaultAction: number): FilterBuilder {
  load();
  const context = callLong('seccomp_init', [defaultAction], LIBRARY).value;
  if (context === 0) throw new SystemError('make a seccomp filter', EINVAL);
  return {
    addArchitecture: (token) =>
      check('seccomp_arch_add', [context, token], `filter architecture 0x${token.toString(16)}`, EEXIST),
    optimize: () =>
      void callInt('seccomp_attr_set', [context, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE], LIBRARY),
    addRule(action, call, comparisons = []) {
      const args = [context, action, call, comparisons.length, packComparisons(comparisons)];
      check('seccomp_rule_add_array', args, `filter system call ${call}`, EEXIST);
    },
    exportProgram: () => exportProgram(context),
    [Symbol.dispose]: () => void callLong('seccomp_release', [context], LIBRARY),
  };
}

/** `2.5.4`: what a filter is made of may differ from one version to the next. */
export function libraryVersion(): string {
  load();
  const version = peek(callLong('seccomp_version', [], LIBRARY).value, 12); // three unsigned int
  return [0, 4, 8].map((at) => version.readUInt32LE(at)).join('.');
}

/** The token of an architecture by libseccomp's name (`x86_64`, `aarch64`), or undefined where it knows none. */
export function architectureToken(name: string): number | undefined {
  load();
  const token = callInt('seccomp_arch_resolve_name', [name], LIBRARY).value >>> 0;
  return token === 0 ? undefined : token;
}

/** The number of a system call on the native architecture, negative where it has it under another guise; undefined: unknown. */
export function callNumber(name: string): number | undefined {
  load();
  const number = callInt('seccomp_syscall_resolve_name', [name], LIBRARY).value;
  return number === NR_SCMP_ERROR ? undefined : number;
}

/** The same on another architecture. */
export function callNumberOn(token: number, name: string): number | undefined {
  load();
  const number = callInt('seccomp_syscall_resolve_name_arch', [token, name], LIBRARY).value;
  return number === NR_SCMP_ERROR ? undefined : number;
}

function load(): void {
  try {
    openLibrary(LIBRARY);
  } catch (error) {
    throw new SeccompLibraryMissing(error);
  }
}

/** libseccomp returns −errno. */
function check(name: string, args: Parameters<typeof callInt>[1], what: string, tolerated?: number): void {
  const { value } = callInt(name, args, LIBRARY);
  if (value < 0 && value !== -(tolerated ?? 0)) throw new SystemError(what, -value);
}

/** struct scmp_arg_cmp: arg at 0, op at 4, datum_a at 8, datum_b at 16; 24 bytes. */
function packComparisons(comparisons: readonly Comparison[]): Buffer | null {
  if (comparisons.length === 0) return null;
  const bytes = Buffer.alloc(24 * comparisons.length);
  comparisons.forEach(({ index, op, value, valueTwo }, i) => {
    bytes.writeUInt32LE(index, 24 * i);
    bytes.writeUInt32LE(SCMP_CMP[op], 24 * i + 4);
    bytes.writeBigUInt64LE(value, 24 * i + 8);
    bytes.writeBigUInt64LE(valueTwo, 24 * i + 16);
  });
  return bytes;
}

function exportProgram(context: number): Buffer {
  const file = memoryFile('seccomp', Buffer.alloc(0));
  try {
    check('seccomp_export_bpf', [context, file], 'export a seccomp filter');
    const bytes = Buffer.alloc(fstatSync(file).size);
    readSync(file, bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    closeSync(file);
  }
}
