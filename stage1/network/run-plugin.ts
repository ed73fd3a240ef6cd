import { findProgram } from './find-program.ts';
import { type Invocation, pluginInput } from './plan.ts';
import { networkFailure, pluginFailure } from './plugin-failure.ts';
import type { HostProgramRunner } from './runner.ts';

/** Runs one plugin. Returns what it printed: its result as JSON for ADD, nothing of use otherwise. Throws NetworkError. */
export function runPlugin(run: HostProgramRunner, invocation: Invocation, prevResult: unknown): string {
  const { plugin, env } = invocation;
  const path = findProgram(plugin, (env['CNI_PATH'] ?? '').split(':'));
  if (path === undefined) throw networkFailure(invocation, `not found in ${env['CNI_PATH']}`);
  const result = run({ path, argv: [plugin], env, stdin: pluginInput(invocation, prevResult) });
  if (result.status !== 0) throw pluginFailure(invocation, result);
  return result.stdout;
}
