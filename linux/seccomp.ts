/** linux/seccomp.h */
export const SECCOMP_SET_MODE_FILTER = 1;

/** linux/seccomp.h: flags of SECCOMP_SET_MODE_FILTER. */
export const SECCOMP_FILTER_FLAG = {
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
} as const;

/** linux/seccomp.h: what a filter returns, in the high half; the low half is data: an errno, or a number for the tracer. */
export const SECCOMP_RET = {
  KILL_PROCESS: 0x8000_0000,
  KILL_THREAD: 0,
  TRAP: 0x0003_0000,
  ERRNO: 0x0005_0000,
  TRACE: 0x7ff0_0000,
  LOG: 0x7ffc_0000,
  ALLOW: 0x7fff_0000,
} as const;

/** Offsets in struct seccomp_data, what a filter looks at: the call's number and the architecture (AUDIT_ARCH_*). */
export const SECCOMP_DATA = { nr: 0, arch: 4 } as const;

/** linux/bpf_common.h: classic BPF, as far as we write it ourselves. */
const BPF = {
  LD_W_ABS: 0x20,
  JMP_JA: 0x05,
  JMP_JEQ: 0x15,
  JMP_JGT: 0x25,
  JMP_JSET: 0x45,
  RET_K: 0x06,
} as const;

/** A classic BPF instruction; `yes` and `no` count the instructions that a conditional jump passes over. */
export interface FilterInstruction {
  readonly code: keyof typeof BPF;
  readonly k: number;
  readonly yes?: number;
  readonly no?: number;
}

/** struct sock_filter: code at 0, jt at 2, jf at 3, k at 4; 8 bytes. */
export const SOCK_FILTER_SIZE = 8;

export function encodeFilter(program: readonly FilterInstruction[]): Buffer {
  const bytes = Buffer.alloc(SOCK_FILTER_SIZE * program.length);
  program.forEach(({ code, k, yes = 0, no = 0 }, i) => {
    const at = SOCK_FILTER_SIZE * i;
    bytes.writeUInt16LE(BPF[code], at);
    bytes.writeUInt8(yes, at + 2);
    bytes.writeUInt8(no, at + 3);
    bytes.writeUInt32LE(k, at + 4);
  });
  return bytes;
}
