import { constants } from 'node:os';
import { encodeFilter, type FilterInstruction, SECCOMP_DATA, SECCOMP_RET } from '../../linux/seccomp.ts';

/** linux/audit.h: AUDIT_ARCH_X86_64; asm/unistd.h: __X32_SYSCALL_BIT, x32 calls have the same architecture and this bit. */
const AUDIT_ARCH_X86_64 = 0xc000_003e;
const X32_SYSCALL_BIT = 0x4000_0000;

/** The largest number of a system call that a profile mentions, by architecture (AUDIT_ARCH_*). */
export type LargestCalls = ReadonlyMap<number, number>;

/**
 * A filter behind instructions that answer ENOSYS to every call newer than the profile, i.e. with a larger number than any
 * it mentions. EPERM would tell a C library that the call exists, and it would not fall back to an older one; this is what
 * runc does (patchbpf). x32 calls are left to the filter: their numbers do not grow with time.
 */
export function withEnosys(program: Uint8Array, largest: LargestCalls): Buffer {
  const sections = [...largest].map(([arch, call]) => section(arch, call));
  const lengths = sections.map(({ length }) => length);
  const after = lengths.map((_, i) => lengths.slice(i + 1).reduce((sum, length) => sum + length, 0));
  const prologue = [
    load(SECCOMP_DATA.arch),
    ...sections.flatMap((make, i) => make.instructions(after[i] ?? 0)),
    { code: 'JMP_JA', k: 1 } as const,
    { code: 'RET_K', k: SECCOMP_RET.ERRNO + constants.errno.ENOSYS } as const,
  ];
  return Buffer.concat([encodeFilter(prologue), program]);
}

interface Section {
  readonly length: number;
  /** `after`: how many instructions stand between this section and the two at the end. */
  readonly instructions: (after: number) => readonly FilterInstruction[];
}

function section(arch: number, largest: number): Section {
  const hasX32 = arch === AUDIT_ARCH_X86_64;
  const length = hasX32 ? 4 : 3;
  const leaveX32 = (after: number): readonly FilterInstruction[] =>
    hasX32 ? [{ code: 'JMP_JSET', k: X32_SYSCALL_BIT, yes: after + 3 }] : [];
  return {
    length,
    instructions: (after) => [
      { code: 'JMP_JEQ', k: arch, no: length - 1 },
      load(SECCOMP_DATA.nr),
      ...leaveX32(after),
      { code: 'JMP_JGT', k: largest, yes: after + 1, no: after + 2 },
    ],
  };
}

function load(offset: number): FilterInstruction {
  return { code: 'LD_W_ABS', k: offset };
}
