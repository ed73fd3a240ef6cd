import { fstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { openPidFd, signalProcess } from '../../linux/pidfd.ts';
import { poll } from '../../linux/poll.ts';
import { hasCode } from '../../linux/system-error.ts';

/** A killed process is seen until it has ended. Two seconds in all. */
const PATIENCE_MS = [1, 2, 4, 8, 15, 30, 60, 120, 240, 500, 1000];

/**
 * Kills every process in a mount namespace, which is open: so no other has its number. An app has one of its own, so those are what it left
 * behind, and whoever entered it. A process that went into another namespace is not found; a cgroup finds it. false: there are some yet.
 */
export function killAllIn(mountNamespace: number): boolean {
  const { ino } = fstatSync(mountNamespace, { bigint: true });
  for (const wait of PATIENCE_MS) {
    let found = 0;
    for (const pid of everyPid()) {
      if (!isIn(pid, ino)) continue;
      kill(pid, ino);
      found++;
    }
    if (found === 0) return true;
    poll([], wait);
  }
  return false;
}

/**
 * Every process there is, and then those that were started meanwhile, until there is none that was not looked at: one that forks and exits, and
 * its child again, is never where a list says. Pids are given out in order; when they begin anew, the list has the low ones.
 */
function* everyPid(): Iterable<number> {
  let looked = newestPid();
  yield* readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  for (let newest = newestPid(); looked < newest; newest = newestPid())
    while (looked < newest) yield ++looked;
}

/** proc(5): the last field of /proc/loadavg is the pid that was given out last, as our PID namespace has it. */
function newestPid(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1));
}

function isIn(pid: number, namespace: bigint): boolean {
  try {
    return statSync(`/proc/${pid}/ns/mnt`, { bigint: true }).ino === namespace;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return false;
    throw error;
  }
}

/** Looked at again once it is held: the pid may have become another's. */
function kill(pid: number, namespace: bigint): void {
  try {
    using held = openPidFd(pid);
    if (isIn(pid, namespace)) signalProcess(held, constants.signals.SIGKILL);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
