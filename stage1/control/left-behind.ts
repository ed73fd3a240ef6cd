import { fstatSync, readdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { openPidFd, signalProcess } from '../../linux/pidfd.ts';
import { poll } from '../../linux/poll.ts';
import { hasCode } from '../../linux/system-error.ts';

/** A killed process is seen until it is reaped. Two seconds in all. */
const PATIENCE_MS = [1, 2, 4, 8, 15, 30, 60, 120, 240, 500, 1000];

/**
 * Kills every process in a mount namespace, which is open: so no other has its number. An app has one of its own, so those are what it left
 * behind, and whoever entered it. A process that went into another namespace is not found; a cgroup finds it.
 */
export function killAllIn(mountNamespace: number): void {
  const { ino } = fstatSync(mountNamespace, { bigint: true });
  for (const wait of PATIENCE_MS) {
    const left = allPids().filter((pid) => isIn(pid, ino));
    if (left.length === 0) return;
    for (const pid of left) kill(pid, ino);
    poll([], wait);
  }
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
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
