import { words } from '../../linux/words.ts';
import { elfExecutable, PF } from '../../stage1/program/elf.ts';
import { encode, STEP_SIZE } from '../../stage1/program/encode.ts';
import { machineCode } from '../../stage1/program/machine-code.ts';
import type { Arg, Step } from '../../stage1/program/step.ts';

/** asm/unistd_64.h: calls that only an attacker makes. */
const CALLS = {
  read: 0,
  write: 1,
  open: 2,
  close: 3,
  mmap: 9,
  sendto: 44,
  connect: 42,
  socket: 41,
  clone: 56,
  fork: 57,
  readlink: 89,
  ptrace: 101,
  mount: 165,
  keyctl: 250,
  add_key: 248,
  request_key: 249,
  unshare: 272,
  perf_event_open: 298,
  name_to_handle_at: 303,
  open_by_handle_at: 304,
  setns: 308,
  process_vm_readv: 310,
  bpf: 321,
  userfaultfd: 323,
  io_uring_setup: 425,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  pidfd_open: 434,
  clone3: 435,
  pidfd_getfd: 438,
  kexec_load: 246,
  init_module: 175,
  exit_group: 231,
} as const;

/** A system call of an attack. */
export interface Call extends Omit<Step, 'call' | 'args'> {
  readonly call: keyof typeof CALLS;
  readonly args: readonly Arg[];
}

const DEFAULT_CODE = 0x40_0000;

/**
 * A static executable that makes these calls in their order: it exits with 0 when all of them succeeded, with 127 at the
 * first that did not. It is made of what spawn programs are made of, so no compiler is needed.
 */
export function attackProgram(calls: readonly Call[], code = DEFAULT_CODE): Buffer {
  const table = code + 0x10_0000;
  const all: readonly Call[] = [...calls, { call: 'exit_group', args: [0] }];
  const bytes = encode({ name: 'attack', steps: all.map((call) => ({ ...call, call: 'close' })) }, table);
  all.forEach(({ call }, i) => {
    bytes.writeBigUInt64LE(BigInt(CALLS[call]), i * STEP_SIZE);
  });
  const { trampoline, loadSteps, elfMachine } = machineCode();
  return elfExecutable(elfMachine, [
    {
      address: code,
      permissions: PF.R | PF.X,
      content: Buffer.concat([loadSteps, words([table]), trampoline]),
    },
    { address: table, permissions: PF.R | PF.W, content: bytes },
  ]);
}
