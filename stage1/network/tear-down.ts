import type { CniNetwork } from '../../schema/pod-files.ts';
import { type PlanContext, planNetworks } from './plan.ts';
import { removeMasquerade } from './remove-masquerade.ts';
import { runPlugin } from './run-plugin.ts';
import type { HostProgramRunner } from './runner.ts';
import { readState, removeState } from './state.ts';

/** Everything that setting up and taking down a pod's networks needs to know. */
export interface NetworkJob extends PlanContext {
  readonly podDirectory: string;
  readonly networks: readonly CniNetwork[];
  readonly run: HostProgramRunner;
}

/**
 * Takes down all networks that were begun, also half of them; nothing when none was. Goes on after a failure, then throws
 * the first one and leaves the record, so that the next `gc` tries again: DEL may be repeated (CNI specification).
 */
export function tearDownNetworks(job: NetworkJob): void {
  const state = readState(job.podDirectory);
  if (state === undefined) return;
  const { networks, run, uuid } = job;
  const steps = planNetworks('DEL', networks, job).map((invocation) => () => {
    runPlugin(run, invocation, state.results[invocation.network]);
  });
  const failures = [...steps, () => removeMasquerade(run, networks, uuid)].flatMap(failureOf);
  if (failures.length > 0) throw failures[0];
  removeState(job.podDirectory);
}

function failureOf(step: () => void): readonly unknown[] {
  try {
    step();
    return [];
  } catch (error) {
    return [error]; // thrown when everything else was tried
  }
}
