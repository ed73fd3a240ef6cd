import { type Isolator, isolatorValue } from '../../schema/isolator.ts';
import type { Isolation } from './app-config.ts';
import type { CapabilityChoice } from './capabilities.ts';

/** Isolators that contradict each other. */
export class IsolatorError extends Error {
  readonly code = 'ERR_ISOLATOR';
}

/** What appc isolators mean for an app's process; `allCapabilities` is --insecure-options=capabilities. */
export function isolationOf(isolators: readonly Isolator[], allCapabilities: boolean): Isolation {
  return {
    capabilities: allCapabilities ? { kind: 'all' } : capabilityChoice(isolators),
    noNewPrivileges: isolatorValue(isolators, 'os/linux/no-new-privileges') ?? false,
    oomScoreAdj: isolatorValue(isolators, 'os/linux/oom-score-adj'),
  };
}

function capabilityChoice(isolators: readonly Isolator[]): CapabilityChoice {
  const retain = isolatorValue(isolators, 'os/linux/capabilities-retain-set');
  const remove = isolatorValue(isolators, 'os/linux/capabilities-remove-set');
  if (retain !== undefined && remove !== undefined)
    throw new IsolatorError('capabilities cannot be both retained and removed');
  if (retain !== undefined) return { kind: 'retain', set: retain.set };
  if (remove !== undefined) return { kind: 'remove', set: remove.set };
  return { kind: 'default' };
}
