import { absolutePath, cString } from '../c-string.ts';
import {
  array,
  boolean,
  defaulted,
  type Infer,
  integer,
  matching,
  object,
  oneOf,
  optional,
  refine,
  uniqueArray,
} from '../decode.ts';
import { DecodeError } from '../decode-error.ts';
import { int32, uint16, uint32, uint64 } from '../integer.ts';

export type Process = Infer<typeof runtimeProcess>;
export type User = Infer<typeof user>;
export type Capabilities = Infer<typeof capabilities>;
export type Rlimit = Infer<typeof rlimit>;
export type Scheduler = Infer<typeof scheduler>;
export type IoPriority = Infer<typeof ioPriority>;
export type CpuAffinity = Infer<typeof cpuAffinity>;

const user = object({
  uid: uint32,
  gid: uint32,
  umask: optional(uint32),
  additionalGids: optional(array(uint32)),
});

/** Names are not checked here: one the kernel does not know is a warning, not an error (config.md, Linux process). */
const capabilities = object({
  bounding: optional(array(cString)),
  effective: optional(array(cString)),
  inheritable: optional(array(cString)),
  permitted: optional(array(cString)),
  ambient: optional(array(cString)),
});

const rlimit = object({
  type: oneOf(
    'RLIMIT_AS',
    'RLIMIT_CORE',
    'RLIMIT_CPU',
    'RLIMIT_DATA',
    'RLIMIT_FSIZE',
    'RLIMIT_LOCKS',
    'RLIMIT_MEMLOCK',
    'RLIMIT_MSGQUEUE',
    'RLIMIT_NICE',
    'RLIMIT_NOFILE',
    'RLIMIT_NPROC',
    'RLIMIT_RSS',
    'RLIMIT_RTPRIO',
    'RLIMIT_RTTIME',
    'RLIMIT_SIGPENDING',
    'RLIMIT_STACK',
  ),
  hard: uint64,
  soft: uint64,
});

const scheduler = object({
  policy: oneOf(
    'SCHED_OTHER',
    'SCHED_FIFO',
    'SCHED_RR',
    'SCHED_BATCH',
    'SCHED_ISO',
    'SCHED_IDLE',
    'SCHED_DEADLINE',
  ),
  nice: optional(int32),
  priority: optional(int32),
  flags: optional(
    array(
      oneOf(
        'SCHED_FLAG_RESET_ON_FORK',
        'SCHED_FLAG_RECLAIM',
        'SCHED_FLAG_DL_OVERRUN',
        'SCHED_FLAG_KEEP_POLICY',
        'SCHED_FLAG_KEEP_PARAMS',
        'SCHED_FLAG_UTIL_CLAMP_MIN',
        'SCHED_FLAG_UTIL_CLAMP_MAX',
      ),
    ),
  ),
  runtime: optional(uint64),
  deadline: optional(uint64),
  period: optional(uint64),
});

const ioPriority = object({
  class: oneOf('IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE'),
  priority: defaulted(integer(0, 7), 0),
});

const cpuList = matching(/^[0-9,-]*$/, 'a list of CPUs such as "0-3,7"');
const cpuAffinity = object({ initial: optional(cpuList), final: optional(cpuList) });

const args = refine(array(cString), (list, at) => {
  if (list.length === 0) throw new DecodeError(at, 'at least one argument is needed, the program to run');
  return list;
});

/** The container process (config.md, process); also the document `exec --process` reads. */
export const runtimeProcess = object({
  terminal: optional(boolean),
  consoleSize: optional(object({ height: uint16, width: uint16 })),
  user: defaulted(user, { uid: 0, gid: 0 }),
  args,
  env: optional(array(cString)),
  cwd: absolutePath,
  capabilities: optional(capabilities),
  rlimits: optional(uniqueArray(rlimit, (each) => each.type, 'type')),
  noNewPrivileges: optional(boolean),
  apparmorProfile: optional(cString),
  selinuxLabel: optional(cString),
  oomScoreAdj: optional(integer(-1000, 1000)),
  scheduler: optional(scheduler),
  ioPriority: optional(ioPriority),
  execCPUAffinity: optional(cpuAffinity),
});
