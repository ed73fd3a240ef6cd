import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';

/**
 * Processes of which anything is ours: where they are, what they execute, their command line, environment, cgroups, or what is
 * mounted where they live. Dead ones that nobody has reaped yet are known by their cgroups. A pod's first process shows nothing
 * of where it comes from: one that has lost its supervisor counts, whoever's it is. A line for each, by pid.
 */
export function processesOf(isOurs: (text: string) => boolean): ReadonlyMap<number, string> {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid);
  const ours = pids.filter((pid) => isOurs(surroundings(pid)) || isOrphanedPause(pid));
  return new Map(ours.map((pid) => [pid, `${pid} ${nameOf(pid)}`]));
}

function isOrphanedPause(pid: number): boolean {
  return statusOf(pid, 'Name') === 'memfd:pause' && statusOf(pid, 'PPid') === '1';
}

function statusOf(pid: number, key: string): string | undefined {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  return new RegExp(`^${key}:\\s(.*)`, 'm').exec(status)?.[1];
}

const LINKS = ['cwd', 'exe', 'root'];
const FILES = ['cmdline', 'environ', 'cgroup', 'mountinfo'];

function surroundings(pid: number): string {
  const own = (name: string) => join('/proc', String(pid), name);
  return [
    ...LINKS.map((name) => attempt(() => readlinkSync(own(name)))),
    ...FILES.map((name) => attempt(() => readFileSync(own(name), 'utf8'))),
  ].join('\n');
}

function nameOf(pid: number): string {
  const command = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  return `${statusOf(pid, 'Name')}, ${statusOf(pid, 'State')}: ${command}`;
}

/** Empty for a process that is gone or a zombie, for threads of the kernel, and for a first process that hides. */
function attempt(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EINVAL', 'EACCES')) return '';
    throw error;
  }
}
