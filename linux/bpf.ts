import { encodeInstructions, type Instruction } from './bpf-instruction.ts';
import { callLong } from './libc.ts';
import { allocate, free, poke } from './memory.ts';
import { SystemError } from './system-error.ts';

/** asm/unistd_64.h, asm-generic/unistd.h */
const SYS_bpf = process.arch === 'arm64' ? 280 : 321;

/** linux/bpf.h: commands, types and flags. */
const BPF_PROG_LOAD = 5;
const BPF_PROG_ATTACH = 8;
const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;
const BPF_F_ALLOW_MULTI = 2;

/**
 * bpf(2), BPF_PROG_LOAD: has the kernel verify a device program and keep it; its file descriptor, close-on-exec.
 * EPERM without CAP_BPF and CAP_NET_ADMIN or CAP_SYS_ADMIN; EINVAL where the kernel has no cgroup BPF or the verifier refuses.
 */
export function loadDeviceProgram(program: readonly Instruction[]): number {
  const instructions = encodeInstructions(program);
  const license = Buffer.from('Apache-2.0\0');
  const length = instructions.length + license.length;
  const memory = allocate(length);
  try {
    poke(memory, Buffer.concat([instructions, license]));
    const at = { instructions: memory, license: memory + instructions.length };
    return bpf(BPF_PROG_LOAD, loadAttributes(program.length, at), 'load the device program');
  } finally {
    free(memory, length);
  }
}

/** bpf(2), BPF_PROG_ATTACH: from now on the program decides, with those of the cgroups above, until the cgroup is removed. */
export function attachDeviceProgram(cgroup: number, program: number): void {
  const attributes = Buffer.alloc(16);
  attributes.writeUInt32LE(cgroup, 0); // target_fd
  attributes.writeUInt32LE(program, 4); // attach_bpf_fd
  attributes.writeUInt32LE(BPF_CGROUP_DEVICE, 8); // attach_type
  attributes.writeUInt32LE(BPF_F_ALLOW_MULTI, 12); // attach_flags
  bpf(BPF_PROG_ATTACH, attributes, 'attach the device program');
}

/** union bpf_attr for BPF_PROG_LOAD: prog_type at 0, insn_cnt at 4, insns at 8, license at 16, prog_name at 48; 64 bytes. */
function loadAttributes(count: number, at: { instructions: number; license: number }): Buffer {
  const attributes = Buffer.alloc(64);
  attributes.writeUInt32LE(BPF_PROG_TYPE_CGROUP_DEVICE, 0);
  attributes.writeUInt32LE(count, 4);
  attributes.writeBigUInt64LE(BigInt(at.instructions), 8);
  attributes.writeBigUInt64LE(BigInt(at.license), 16);
  attributes.write('tsrkt_devices', 48, 'latin1');
  return attributes;
}

function bpf(command: number, attributes: Buffer, what: string): number {
  const { value, errno } = callLong('syscall', [SYS_bpf, command, attributes, attributes.length]);
  if (value === -1) throw new SystemError(what, errno);
  return value;
}
