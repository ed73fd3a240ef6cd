import { type Isolator, isolatorValue } from '../../schema/isolator.ts';
import type { Resources } from '../../schema/runtime-config.ts';
import type { BlockDevice } from '../isolation/block-devices.ts';
import { IsolatorError } from '../isolation/isolator-error.ts';
import { resourcesOf } from '../isolation/resources.ts';
import type { SeccompChoice } from '../isolation/seccomp/config.ts';
import { seccompChoice } from '../isolation/seccomp-choice.ts';
import type { CapabilityChoice } from './capabilities.ts';

/** What an app may do, and how much of the machine it gets. */
export interface Isolation {
  readonly capabilities: CapabilityChoice;
  readonly seccomp: SeccompChoice;
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj: number | undefined;
  readonly resources: Resources;
}

export interface IsolationChoices {
  /** `--insecure-options=capabilities`: every capability there is. */
  readonly allCapabilities: boolean;
  /** `--insecure-options=seccomp`: no filter. */
  readonly insecureSeccomp: boolean;
  readonly blockDevices: () => readonly BlockDevice[];
}

/** What appc isolators mean for an app. */
export function isolationOf(isolators: readonly Isolator[], choices: IsolationChoices): Isolation {
  return {
    capabilities: choices.allCapabilities ? { kind: 'all' } : capabilityChoice(isolators),
    seccomp: choices.insecureSeccomp ? { kind: 'all' } : seccompChoice(isolators),
    noNewPrivileges: isolatorValue(isolators, 'os/linux/no-new-privileges') ?? false,
    oomScoreAdj: isolatorValue(isolators, 'os/linux/oom-score-adj'),
    resources: resourcesOf(isolators, choices.blockDevices),
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
