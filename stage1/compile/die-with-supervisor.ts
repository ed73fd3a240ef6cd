import { constants } from 'node:os';
import { PR } from '../../linux/prctl.ts';
import { flags, type Step, text } from '../program/step.ts';
import { shown } from './args.ts';

/**
 * The child is killed when the supervisor dies. One that was dead before that was asked for sends no signal, but has no pipe any
 * more either: `alive` is the write end of one whose read end only the supervisor has, so writing fails with EPIPE.
 */
export function dieWithSupervisor(alive: number): readonly Step[] {
  const what = 'die with the supervisor';
  return [
    {
      call: 'prctl',
      args: [flags(PR, 'PR_SET_PDEATHSIG'), shown(constants.signals.SIGKILL, 'SIGKILL'), 0, 0, 0],
      what,
    },
    { call: 'write', args: [alive, text('.'), 1], what },
  ];
}
