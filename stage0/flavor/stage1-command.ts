import type { Flavor } from './flavor.ts';

/** What stage1 is told to do with a pod. One that does not know the flavor refuses. */
export function stage1Command(flavor: Flavor): 'run' | 'fly' {
  return flavor === 'fly' ? 'fly' : 'run';
}
