import { type DryRun, planDryRun, printPrograms } from '../dry-run.ts';
import { executableOf } from '../stage1/of-pod.ts';
import type { AppWish } from './app-wish.ts';
import type { EngineOptions } from './engine-options.ts';
import { type PodWish, prepareRequest } from './pod-wish.ts';
import { type RunWish, runRequest } from './run-wish.ts';

/** What a run would do. */
export interface Plan extends Pick<DryRun, 'manifest' | 'documents'> {
  /** Has the pod's stage1 print the system calls it would make, on standard output; its exit status. */
  printPrograms(): number;
}

/** Works out what a run would do, and touches nothing. */
export async function planPod(
  apps: readonly AppWish[],
  pod: PodWish,
  how: RunWish,
  options: EngineOptions,
): Promise<Plan> {
  const request = prepareRequest(apps, pod, options, false);
  const howToRun = runRequest(how, options);
  const { stage1: choice, onWarning } = request;
  const stage1 = executableOf(choice.kind === 'executable' ? choice : undefined);
  if (choice.kind === 'image')
    onWarning("no image of a stage1 is unpacked: the programs are those of tsrkt's own");
  const plan = await planDryRun(request, howToRun);
  for (const warning of plan.warnings) onWarning(warning);
  const { manifest, documents } = plan;
  return { manifest, documents, printPrograms: () => printPrograms(stage1, plan) };
}
