/** When an app that has ended is started again. */
export type RestartPolicy = 'no' | 'on-failure' | 'always';

/** What the pod's documents say of one app's course. */
export interface AppRules {
  readonly hasPreStart: boolean;
  readonly hasPostStop: boolean;
  readonly restart: RestartPolicy;
}

export function willRestart(policy: RestartPolicy | undefined, status: number): boolean {
  return policy === 'always' || (policy === 'on-failure' && status !== 0);
}

/** Whether there is any status with which it is started again. */
export function mayRestart(policy: RestartPolicy | undefined): boolean {
  return policy !== undefined && policy !== 'no';
}

/** The first time at once, nearly; then each time after twice as long. */
const FIRST_MS = 100;
const LONGEST_MS = 60_000;

/** An app that ran for so long has come up well: what happened before is forgotten. */
const STEADY_MS = 10_000;

/** How long to wait with starting an app again that was started again `tries` times in a row and ran for `ranMs`. */
export function restartDelay(
  tries: number,
  ranMs: number,
): { readonly delay: number; readonly tries: number } {
  const before = ranMs >= STEADY_MS ? 0 : tries;
  return { delay: Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(before, 20)), tries: before + 1 };
}
