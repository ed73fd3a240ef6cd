import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { poll } from '../../linux/poll.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Cgroup } from './plan.ts';

/** A cgroup that processes will not leave, or that we are in ourselves. */
export class CgroupBusyError extends Error {
  readonly code = 'EBUSY';
}

/**
 * Removes a cgroup and those below it, after killing what is still in them. What is gone already is no failure, so it may
 * be repeated: stage1 gc does for pods whose supervisor could not.
 */
export function removeCgroup({ remove }: Pick<Cgroup, 'remove'> & Partial<Cgroup>): void {
  for (const directory of remove) {
    const all = tree(directory);
    if (all.some(isOurs)) throw new CgroupBusyError(`remove cgroup ${directory}: this process is in it`);
    for (const wait of PATIENCE_MS) {
      kill(directory, all);
      if (removeAll(all)) break;
      poll([], wait);
    }
    if (tree(directory).length > 0)
      throw new CgroupBusyError(`remove cgroup ${directory}: processes in it do not end`);
  }
}

/** Kills what is in a cgroup and those below it, and leaves the cgroup. Returns when all has ended, or is about to. */
export function emptyCgroup({ remove }: Pick<Cgroup, 'remove'>): void {
  for (const directory of remove) {
    for (const wait of PATIENCE_MS) {
      const all = tree(directory);
      if (all.some(isOurs)) throw new CgroupBusyError(`empty cgroup ${directory}: this process is in it`);
      if (all.every((each) => processes(each).length === 0)) break;
      kill(directory, all);
      poll([], wait);
    }
  }
}

/** A killed process is in its cgroup until it is reaped. Two seconds in all. */
const PATIENCE_MS = [1, 2, 4, 8, 15, 30, 60, 120, 240, 500, 1000];

/** A directory and all below it, the innermost first; nothing where it is not there. */
function tree(directory: string): readonly string[] {
  try {
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap(({ name }) => tree(join(directory, name))), directory];
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}

function isOurs(directory: string): boolean {
  return processes(directory).includes(process.pid);
}

/** v2 kills all at once; in v1 what forks faster than we kill is frozen first, where the freezer is part of it. */
function kill(directory: string, all: readonly string[]): void {
  if (write(join(directory, 'cgroup.kill'), '1')) return;
  const isFrozen = write(join(directory, 'freezer.state'), 'FROZEN');
  for (const pid of all.flatMap(processes)) sendKill(pid);
  if (isFrozen) write(join(directory, 'freezer.state'), 'THAWED');
}

/** 0 stands for a process outside of our PID namespace. */
function processes(directory: string): readonly number[] {
  try {
    const text = readFileSync(join(directory, 'cgroup.procs'), 'utf8');
    return text
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP')) return [];
    throw error;
  }
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** false: some are still in use. */
function removeAll(all: readonly string[]): boolean {
  return all.map(removeOne).every(Boolean);
}

function removeOne(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return true;
    if (hasCode(error, 'EBUSY', 'ENOTEMPTY')) return false;
    throw error;
  }
}

/** false: there is no such file. */
function write(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: 'r+' });
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return false;
    throw error;
  }
}
