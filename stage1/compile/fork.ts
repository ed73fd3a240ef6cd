import { CLONE, cloneArgs } from '../../linux/namespace.ts';
import { CHILD } from '../program/start-child.ts';
import { type Step, struct } from '../program/step.ts';

/**
 * The fork step: from here on the child goes on, a child of the supervisor itself, in the namespaces joined so far and in
 * new ones of its own where `namespaces` names them, and with no signal handler of the runtime.
 */
export function fork(namespaces: readonly (keyof typeof CLONE)[]): Step {
  const names = ['CLONE_VM', 'CLONE_VFORK', 'CLONE_PARENT', 'CLONE_CLEAR_SIGHAND', ...namespaces] as const;
  const bytes = cloneArgs(names.reduce((sum, name) => sum + CLONE[name], 0));
  return {
    call: 'clone3',
    args: [struct(bytes, `{${names.join('|')}}`), bytes.length],
    as: CHILD,
    fork: true,
  };
}
