import type { Cgroup } from '../cgroup/plan.ts';
import type { Step } from '../program/step.ts';
import { writeFile } from './stdio.ts';

/**
 * Joins a cgroup, in every hierarchy it is in: before the fork, so that the child and its cgroup namespace begin there. The
 * process that forks is counted, too, until the app is executed: a process limit must leave room for two.
 */
export function joinCgroup({ join }: Pick<Cgroup, 'join'>): readonly Step[] {
  return join.flatMap((directory) => writeFile(`${directory}/cgroup.procs`, '0', `join cgroup ${directory}`));
}
