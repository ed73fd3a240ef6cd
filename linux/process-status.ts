import { readFileSync } from 'node:fs';

/** The parent of a process (proc_pid_stat(5)); throws ENOENT when there is no such process. */
export function parentOf(pid: number): number {
  return parseParent(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** `1234 (name) S 1 …`: the name may hold anything, parentheses and spaces included. */
export function parseParent(stat: string): number {
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(parent);
}

/** Which process a pidfd means, in our PID namespace; −1 when it has ended (pidfd_open(2), "fdinfo"). */
export function pidOf(pidFd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${pidFd}`, 'utf8');
  return Number(/^Pid:\s*(-?\d+)$/m.exec(info)?.[1] ?? -1);
}
