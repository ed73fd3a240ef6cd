/**
 * The code a child runs: for each step the system call, its result stored, failure and fork handled (see encode.ts).
 * It uses no stack and no memory but the step table, so both sides of a CLONE_VM fork can go on in it.
 * test/unit/stage1/program/machine-code.test.ts assembles the source beside these bytes and compares.
 */
const TRAMPOLINE_X64 =
  '4889fb488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f0548894348488b4b38e311488b114885d274094889' +
  '024883c108ebef4885c07814f6434002742a4885c07425b8e700000031ff0f05f6434001741c0fb74b4267e30401c175110fb74b' +
  '44486bc9504801cb4883c350eb8db8e7000000bf7f0000000f05';

/** prctl(PR_SET_DUMPABLE, 0), then pause() for ever: the body of the pod's first process. */
const PAUSE_X64 = 'b89d000000bf0400000031f60f05b8220000000f05ebf7';

/** Writes what it reads, a writev(2) for each line, until the end: what brings an app's output to the journal. */
const LINE_WRITER_X64 =
  '4889fb4881ec00c000004989e44531ed31c031ff4b8d342cba00c000004c29ea0f054885c07e5b4901c54d89e64b8d0c2c4c' +
  '29f1743d4c89f7b00af2ae7514488d57ff4c29f24989ffe84d0000004d89feebda4b8d0c2c4c29f14989cd4d39f475164981' +
  'fd00c0000072a54c89eae8280000004531edeb984c89f64c89e7f3a4eb8e4d89e64c89ea4885d27405e809000000b8e70000' +
  '0031ff0f054c89731048895318b814000000bf010000004889deba030000000f05c3';

/** Brings the lines of an app's two output streams to a log file of limited size. */
const LOG_WRITER_X64 =
  '4889fb4881ec00800000b8070000004889dfbe02000000baffffffff0f054531e46642837ce306000f84910000004d89e649c1e6' +
  '044e8d7433204c89e548c1e50e4801e54d8b3e31c04489e74a8d743d00ba004000004c29fa0f054989c54901efe8980000004d85' +
  'ed7e774d01ef4989ed4c89ef4c89f94c29e9741db00af2ae7517488d57ff4c29ea4989fa4152b046e8c1000000415debd84c89f9' +
  '4c29e94881f900400000720c4889cab050e8a400000031c949890e4c89ee4889eff3a441ffc44183fc020f8255ffffff8b032343' +
  '08ffc00f8531ffffffb8e700000031ff0f0542c704e3ffffffff4989ed4c89fa4829ea74cab050e85a000000ebc1b8e400000031' +
  'ff488db3800000000f05488dbb9a000000488b8380000000e81b000000488dbba4000000488b8388000000e808000000c6839a00' +
  '00002ec3b90a0000004189c831d249f7f080c23048ffcf8817ffc975efc3498b4e0848898ba50000008883ac0000004c896b6048' +
  '895368b814000000bf02000000488d7350ba030000000f054885c078654803431048894310483b4318725748c7431000000000b8' +
  '08010000bf03000000488b7340ba030000004c8b53480f05b801010000bf03000000488b7340ba41060a0041ba800100000f0585' +
  'c078185089c7be02000000b8210000000f055fb8030000000f05c3b84d000000bf0200000031f60f05c3';

/** Throws away what it reads until a socket is connected to, and goes on behind itself. */
const DRAIN_X64 =
  '4c8b27488d5f084881ec00100000b8070000004889df4c89e6baffffffff0f054d89e549ffcd6642837ceb060074284d85ed742a' +
  '31c0428b3ceb4889e6ba001000000f054885c07f0e4883f8f5740842c704ebffffffff4d85ed75c7ebb0';

/** movabs $…, %rdi */
const LOAD_STEPS_X64 = '48bf';

export interface MachineCode {
  readonly trampoline: Buffer;
  readonly pause: Buffer;
  /** Expects the address of three struct iovec, of which it sets the second. */
  readonly lineWriter: Buffer;
  /** Expects the address of what stage1/stdio/log-writer.ts lays out. */
  readonly logWriter: Buffer;
  /** Expects the address of what stage1/attach/asleep.ts lays out. */
  readonly drain: Buffer;
  /** Loads the 64-bit word behind it as the address that the others expect. */
  readonly loadSteps: Buffer;
  /** elf.h: e_machine */
  readonly elfMachine: number;
}

/** The code for this machine's architecture. */
export function machineCode(arch: string = process.arch): MachineCode {
  if (arch !== 'x64') throw new UnsupportedArchitecture(arch);
  const code = (hex: string) => Buffer.from(hex, 'hex');
  return {
    trampoline: code(TRAMPOLINE_X64),
    pause: code(PAUSE_X64),
    lineWriter: code(LINE_WRITER_X64),
    logWriter: code(LOG_WRITER_X64),
    drain: code(DRAIN_X64),
    loadSteps: code(LOAD_STEPS_X64),
    elfMachine: 62,
  };
}

class UnsupportedArchitecture extends Error {
  readonly code = 'ERR_UNSUPPORTED_ARCHITECTURE';
  constructor(arch: string) {
    super(`start processes on ${arch}: only x64 has a trampoline so far`);
  }
}
