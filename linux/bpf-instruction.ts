/** linux/bpf.h, bpf_common.h: operation codes we use; those with 32 work on the low halves of registers. */
const CODE = {
  ldxw: 0x61,
  and32: 0x54,
  rsh32: 0x74,
  mov32: 0xbc,
  mov64Imm: 0xb7,
  ja: 0x05,
  jne32: 0x56,
  jset32: 0x46,
  exit: 0x95,
} as const;

/** An eBPF instruction: `imm` is 32 bits wide, `offset` counts instructions from the next one, or bytes for a load. */
export interface Instruction {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
}

/** dst = *(u32 *)(src + offset) */
export const loadWord = (dst: number, src: number, offset: number) =>
  make({ code: CODE.ldxw, dst, src, offset });

/** dst = src, the low halves; the upper half becomes 0. */
export const moveWord = (dst: number, src: number) => make({ code: CODE.mov32, dst, src });

export const moveNumber = (dst: number, imm: number) => make({ code: CODE.mov64Imm, dst, imm });

export const andNumber = (dst: number, imm: number) => make({ code: CODE.and32, dst, imm });

export const shiftRight = (dst: number, imm: number) => make({ code: CODE.rsh32, dst, imm });

export const jump = (offset: number) => make({ code: CODE.ja, offset });

export const jumpIfNotEqual = (dst: number, imm: number, offset: number) =>
  make({ code: CODE.jne32, dst, imm, offset });

/** Jumps where dst and imm have a bit in common. */
export const jumpIfAny = (dst: number, imm: number, offset: number) =>
  make({ code: CODE.jset32, dst, imm, offset });

export const exit = make({ code: CODE.exit });

/** struct bpf_insn: code at 0, dst in the low and src in the high half of 1, offset at 2, imm at 4; 8 bytes. */
export function encodeInstructions(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(({ code, dst, src, offset, imm }, i) => {
    bytes.writeUInt8(code, 8 * i);
    bytes.writeUInt8(dst | (src << 4), 8 * i + 1);
    bytes.writeInt16LE(offset, 8 * i + 2);
    bytes.writeInt32LE(imm | 0, 8 * i + 4);
  });
  return bytes;
}

function make(fields: Partial<Instruction>): Instruction {
  return { code: 0, dst: 0, src: 0, offset: 0, imm: 0, ...fields };
}
