import { errnoName } from '../../linux/libc.ts';
import { SystemError } from '../../linux/system-error.ts';
import type { Program, Step } from './step.ts';

/**
 * Why a program ended before its last call took the child over: `app "web": mount proc on /proc: EPERM (…)`,
 * or undefined when it did not. `results` are Spawned.results(). An execve that was tried along PATH reports the
 * failure that tells most: EACCES before ENOENT, as execvp(3).
 */
export function failure(program: Program, results: readonly (number | undefined)[]): SystemError | undefined {
  const index = results.findIndex((result, i) => result !== undefined && isFatal(program.steps[i], result));
  const step = program.steps[index];
  if (step === undefined) return undefined;
  return new SystemError(`${program.name}: ${step.what ?? step.call}`, fatalErrno(program, results, index));
}

function isFatal(step: Step | undefined, result: number): boolean {
  if (step === undefined || result >= 0 || step.tolerate === 'any') return false;
  return step.tolerate !== -result;
}

function fatalErrno(program: Program, results: readonly (number | undefined)[], index: number): number {
  const errnos = program.steps.flatMap((step, i) =>
    step.call === 'execve' && i <= index ? [-(results[i] ?? 0)] : [],
  );
  const denied = errnos.find((errno) => errnoName(errno) === 'EACCES');
  return program.steps[index]?.call === 'execve' && denied !== undefined ? denied : -(results[index] ?? 0);
}
