import { type Isolator, isolatorValue } from '../../schema/isolator.ts';
import type { SeccompChoice } from './seccomp/config.ts';

/** Which system calls an app's isolators leave it; the manifest's decoder lets only one of the two sets through. */
export function seccompChoice(isolators: readonly Isolator[]): SeccompChoice {
  const retain = isolatorValue(isolators, 'os/linux/seccomp-retain-set');
  if (retain !== undefined) return { kind: 'retain', ...retain };
  const remove = isolatorValue(isolators, 'os/linux/seccomp-remove-set');
  return remove === undefined ? { kind: 'default' } : { kind: 'remove', ...remove };
}
