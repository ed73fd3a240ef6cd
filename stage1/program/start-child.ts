import { waitFor } from '../../linux/wait.ts';
import { failure } from './failure.ts';
import { spawn } from './spawn.ts';
import type { Program } from './step.ts';

/** The name of the fork step of a program for {@link startChild}. */
export const CHILD = 'child';

/**
 * Runs a program that forks (CLONE_PARENT) and then executes: returns the pid of the child, which is ours and has been
 * executed, or throws the failure of the step that stopped it. Nothing is left to wait for but the child.
 */
export function startChild(program: Program): number {
  using joiner = spawn(program, 0, true);
  waitFor(joiner.pid);
  const results = joiner.results();
  const pid = results[program.steps.findIndex(({ as }) => as === CHILD)];
  const error = failure(program, results);
  if (error === undefined) return pid as number;
  if (pid !== undefined && pid > 0) waitFor(pid);
  throw error;
}
