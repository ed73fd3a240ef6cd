import { readFileSync } from 'node:fs';

/** The parent of a process (proc_pid_stat(5)); throws ENOENT when there is no such process. */
export function parentOf(pid: number): number {
  return parseParent(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** `1234 (name) S 1 …`: the name may hold anything, parentheses and spaces included. */
export function parseParent(stat: string): number {
  return Number(fieldsOf(stat)[1]);
}

/** How long a process has been on a processor so far, in the kernel's ticks (user and system time). */
export function parseTicks(stat: string): number {
  const fields = fieldsOf(stat);
  return Number(fields[11]) + Number(fields[12]);
}

/** The fields behind the name, state first: proc_pid_stat(5) counts it as the third. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** The value of a line `Name:	value` of /proc/PID/status (proc_pid_status(5)). */
export function statusField(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
}

/** Which process a pidfd means, in our PID namespace; −1 when it has ended (pidfd_open(2), "fdinfo"). */
export function pidOf(pidFd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${pidFd}`, 'utf8');
  return Number(statusField(info, 'Pid') ?? -1);
}
