import { cString, nonEmpty } from '../c-string.ts';
import { array, defaulted, type Infer, integer, object, oneOf, optional, refine } from '../decode.ts';
import { DecodeError } from '../decode-error.ts';
import { uint32, uint64 } from '../integer.ts';

export type Seccomp = Infer<typeof seccomp>;
export type SeccompAction = Infer<typeof action>;
export type SeccompArg = Infer<typeof argument>;
export type SeccompOperator = SeccompArg['op'];
export type SeccompSyscall = Infer<typeof syscall>;
export type SeccompArch = Infer<typeof arch>;
export type SeccompFlag = Infer<typeof flag>;

const action = oneOf(
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
);

const flag = oneOf(
  'SECCOMP_FILTER_FLAG_TSYNC',
  'SECCOMP_FILTER_FLAG_LOG',
  'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
);

const arch = oneOf(
  'SCMP_ARCH_X86',
  'SCMP_ARCH_X86_64',
  'SCMP_ARCH_X32',
  'SCMP_ARCH_ARM',
  'SCMP_ARCH_AARCH64',
  'SCMP_ARCH_LOONGARCH64',
  'SCMP_ARCH_M68K',
  'SCMP_ARCH_MIPS',
  'SCMP_ARCH_MIPS64',
  'SCMP_ARCH_MIPS64N32',
  'SCMP_ARCH_MIPSEL',
  'SCMP_ARCH_MIPSEL64',
  'SCMP_ARCH_MIPSEL64N32',
  'SCMP_ARCH_PARISC',
  'SCMP_ARCH_PARISC64',
  'SCMP_ARCH_PPC',
  'SCMP_ARCH_PPC64',
  'SCMP_ARCH_PPC64LE',
  'SCMP_ARCH_RISCV64',
  'SCMP_ARCH_S390',
  'SCMP_ARCH_S390X',
  'SCMP_ARCH_SH',
  'SCMP_ARCH_SHEB',
);

const operator = oneOf(
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
);

/** A system call has six arguments. For SCMP_CMP_MASKED_EQ `value` is the mask and `valueTwo` what is compared. */
const argument = object({
  index: integer(0, 5),
  value: uint64,
  valueTwo: defaulted(uint64, 0n),
  op: operator,
});

const names = refine(array(nonEmpty), (list, at) => {
  if (list.length === 0) throw new DecodeError(at, 'at least one system call is needed');
  return list;
});

const syscall = object({
  names,
  action,
  errnoRet: optional(uint32),
  args: optional(array(argument)),
});

/** The system calls a container may make (config-linux.md, seccomp). */
export const seccomp = refine(
  object({
    defaultAction: action,
    defaultErrnoRet: optional(uint32),
    architectures: optional(array(arch)),
    flags: optional(array(flag)),
    listenerPath: optional(cString),
    listenerMetadata: optional(cString),
    syscalls: optional(array(syscall)),
  }),
  (value, at) => {
    if (value.listenerMetadata && !value.listenerPath)
      throw new DecodeError(at, 'listenerMetadata needs listenerPath');
    return value;
  },
);
