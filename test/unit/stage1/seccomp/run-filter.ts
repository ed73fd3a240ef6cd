import assert from 'node:assert/strict';

/** linux/audit.h */
export const ARCH = { x64: 0xc000_003e, x86: 0x4000_0003, arm64: 0xc000_00b7 } as const;

export interface Call {
  readonly arch: number;
  readonly nr: number;
  readonly args?: readonly bigint[];
}

/** The kernel's classic BPF for seccomp, as far as libseccomp and we write it: the value the filter returns for a call. */
export function runFilter(program: Uint8Array, call: Call): number {
  const code = Buffer.from(program);
  const data = seccompData(call);
  let accumulator = 0;
  for (let at = 0; at < code.length; ) {
    const op = code.readUInt16LE(at);
    const k = code.readUInt32LE(at + 4);
    at += 8;
    if (op === 0x06) return k;
    if (op === 0x20) accumulator = data.readUInt32LE(k);
    else if (op === 0x54) accumulator = (accumulator & k) >>> 0;
    else at += 8 * jump(op, accumulator, k, code.subarray(at - 6, at - 4));
  }
  return assert.fail('the filter ends without an answer');
}

const CONDITIONS: Readonly<Record<number, (a: number, k: number) => boolean>> = {
  21: (a, k) => a === k,
  37: (a, k) => a > k,
  53: (a, k) => a >= k,
  69: (a, k) => (a & k) !== 0,
};

function jump(op: number, accumulator: number, k: number, offsets: Uint8Array): number {
  if (op === 0x05) return k;
  const condition = CONDITIONS[op] ?? assert.fail(`instruction 0x${op.toString(16)}`);
  return offsets[condition(accumulator, k) ? 0 : 1]!;
}

/** struct seccomp_data: nr at 0, arch at 4, instruction pointer at 8, six arguments from 16. */
function seccompData({ arch, nr, args = [] }: Call): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeInt32LE(nr, 0);
  bytes.writeUInt32LE(arch, 4);
  args.forEach((arg, i) => {
    bytes.writeBigUInt64LE(arg, 16 + 8 * i);
  });
  return bytes;
}
