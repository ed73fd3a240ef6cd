import { words } from './words.ts';

/** asm-generic/resource.h: the limits in the order of their numbers (x86-64 and arm64). */
const RLIMITS = [
  'RLIMIT_CPU',
  'RLIMIT_FSIZE',
  'RLIMIT_DATA',
  'RLIMIT_STACK',
  'RLIMIT_CORE',
  'RLIMIT_RSS',
  'RLIMIT_NPROC',
  'RLIMIT_NOFILE',
  'RLIMIT_MEMLOCK',
  'RLIMIT_AS',
  'RLIMIT_LOCKS',
  'RLIMIT_SIGPENDING',
  'RLIMIT_MSGQUEUE',
  'RLIMIT_NICE',
  'RLIMIT_RTPRIO',
  'RLIMIT_RTTIME',
];

/** The number of a resource limit, or undefined for a name the kernel does not have. */
export function rlimitNumber(name: string): number | undefined {
  const number = RLIMITS.indexOf(name);
  return number < 0 ? undefined : number;
}

/** struct rlimit64: rlim_cur at 0, rlim_max at 8. */
export function rlimit64(soft: bigint, hard: bigint): Buffer {
  return words([soft, hard]);
}
