import { words } from './words.ts';

/** linux/sched.h: flags of clone(2), unshare(2) and setns(2). */
export const CLONE = {
  CLONE_VM: 0x100,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_NEWTIME: 0x80,
  CLONE_NEWNS: 0x20000,
  CLONE_NEWCGROUP: 0x2000000,
  CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
  CLONE_CLEAR_SIGHAND: 0x100000000,
  CLONE_INTO_CGROUP: 0x200000000,
} as const;

/** The namespaces by their names in the OCI runtime specification: their clone flag and their file in /proc/PID/ns. */
export const NAMESPACES = {
  user: { flag: 'CLONE_NEWUSER', file: 'user' },
  pid: { flag: 'CLONE_NEWPID', file: 'pid' },
  network: { flag: 'CLONE_NEWNET', file: 'net' },
  ipc: { flag: 'CLONE_NEWIPC', file: 'ipc' },
  uts: { flag: 'CLONE_NEWUTS', file: 'uts' },
  cgroup: { flag: 'CLONE_NEWCGROUP', file: 'cgroup' },
  mount: { flag: 'CLONE_NEWNS', file: 'mnt' },
  time: { flag: 'CLONE_NEWTIME', file: 'time' },
} as const satisfies Record<string, { flag: keyof typeof CLONE; file: string }>;

export type NamespaceType = keyof typeof NAMESPACES;

/** struct clone_args of clone3(2) as of Linux 5.7 (CLONE_ARGS_SIZE_VER2): flags at 0, exit_signal at 32, cgroup at 80; 88 bytes. */
export function cloneArgs(flags: number, cgroupFd = 0): Buffer {
  return words([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, cgroupFd]);
}
