/** Where a pod can be below `pods/`, in the order it moves through them; it never goes back. */
export const POD_DIRECTORIES = ['embryo', 'prepare', 'prepared', 'run', 'exited-garbage', 'garbage'] as const;

export type PodDirectory = (typeof POD_DIRECTORIES)[number];

/** The directories whose pods are shown; embryo is not one yet, garbage not one any more. */
export const VISIBLE_DIRECTORIES: readonly PodDirectory[] = ['prepare', 'prepared', 'run', 'exited-garbage'];

export type PodState =
  | 'embryo'
  | 'preparing'
  | 'aborted prepare'
  | 'prepared'
  | 'running'
  | 'exited'
  | 'exited deleting'
  | 'exited garbage'
  | 'deleting'
  | 'garbage';

/** The state of a pod: the directory it is in, and whether somebody holds its lock. */
export function podState(directory: PodDirectory, locked: boolean): PodState {
  return STATES[directory][locked ? 'locked' : 'unlocked'];
}

const STATES: Readonly<Record<PodDirectory, { readonly locked: PodState; readonly unlocked: PodState }>> = {
  embryo: { locked: 'embryo', unlocked: 'embryo' },
  prepare: { locked: 'preparing', unlocked: 'aborted prepare' },
  prepared: { locked: 'prepared', unlocked: 'prepared' },
  run: { locked: 'running', unlocked: 'exited' },
  'exited-garbage': { locked: 'exited deleting', unlocked: 'exited garbage' },
  garbage: { locked: 'deleting', unlocked: 'garbage' },
};
