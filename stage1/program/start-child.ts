import { isChild, waitFor } from '../../linux/wait.ts';
import { failure } from './failure.ts';
import { spawnApart } from './spawn-apart.ts';
import type { Program } from './step.ts';

/** The name of the fork step of a program for {@link startChild}. */
export const CHILD = 'child';

/**
 * Runs a program that forks (CLONE_PARENT) and then executes: returns the pid of the child, which is ours and has been
 * executed, or throws the failure of the step that stopped it. Nothing is left to wait for but the child.
 */
export function startChild(program: Program): number {
  using joiner = spawnApart(program);
  const { signal } = waitFor(joiner.pid);
  const results = joiner.results();
  const pid = results[program.steps.findIndex(({ as }) => as === CHILD)];
  const error = failure(program, results);
  // the results were shared with what joined the pod: only a child of ours is believed to be one
  if (error === undefined && pid !== undefined && isChild(pid)) return pid;
  if (pid !== undefined && pid > 0 && isChild(pid)) waitFor(pid);
  throw error ?? new ProgramKilled(program.name, signal);
}

class ProgramKilled extends Error {
  readonly code = 'ERR_PROGRAM_KILLED';
  constructor(name: string, signal: number | undefined) {
    super(
      `start ${name}: its first process was ${signal === undefined ? 'changed by another' : `killed by signal ${signal}`}`,
    );
  }
}
