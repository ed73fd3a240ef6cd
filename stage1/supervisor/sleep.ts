import { openSync } from 'node:fs';
import { memoryFile } from '../../linux/descriptor.ts';
import { keepAcrossExec } from '../../linux/exec.ts';
import { executeFile } from '../../linux/execveat.ts';
import { compileSleep, sleepImage } from '../compile/sleep.ts';
import { descriptorsOf, type Life, wakersOf, writeLife } from './life.ts';

export interface Sleeper {
  readonly uuid: string;
  readonly directory: string;
  readonly lockFd: number | undefined;
}

/** Only an executable of our own can be woken by its name alone; a script run by Node or Bun stays awake. */
export function canSleep(): boolean {
  return (process.argv[1] ?? '').startsWith('/$bunfs/');
}

/**
 * Replaces the runtime by an image of two system calls that waits for a signal, a message or the time and then executes the runtime again, as
 * `stage1 resume UUID`: same process, same children, same lock, a few pages of memory. Signals stay blocked, so what comes
 * in between is not lost. Returns only by throwing.
 */
export function fallAsleep({ uuid, directory, lockFd }: Sleeper, life: Life, timeoutMs: number): never {
  writeLife(directory, life);
  const executable = openSync('/proc/self/exe', 'r');
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const readable = wakersOf(life);
  const argv = ['stage1', 'resume', uuid];
  const program = compileSleep({ readable, timeoutMs, executable, argv, env });
  const image = memoryFile('stage1: asleep', sleepImage(program));
  const kept = [0, 1, 2, lockFd, executable, ...descriptorsOf(life)];
  for (const fd of kept) if (fd !== undefined) keepAcrossExec(fd);
  return executeFile(image, ['stage1', 'asleep', uuid], []);
}
