import { constants } from 'node:os';
import { monotonicMilliseconds } from '../../linux/monotonic-clock.ts';
import type { ControlReply } from '../../schema/pod-control.ts';
import { forgetApp } from '../control/on-request.ts';
import { failed, type Owed } from '../control/orders.ts';
import { type Action, type Course, phaseOver, type Step, started } from './course.ts';
import type { OpenProcesses } from './open-processes.ts';
import type { RunningPod } from './running-pod.ts';
import { warn } from './warn.ts';

const { SIGKILL } = constants.signals;

/** What tsrkt exits with when an app cannot be started. */
const NOT_STARTED = 254;

/** What carrying an action out changes beside the pod. */
export interface Effects {
  readonly processes: OpenProcesses;
  readonly owed: Owed;
}

/** What follows from it, if anything does. Apps are our children and not yet reaped, so their pids are theirs. */
export function carryOut(
  action: Action,
  course: Course,
  pod: RunningPod,
  effects: Effects,
): Step | undefined {
  switch (action.type) {
    case 'kill':
      process.kill(pod.pause, SIGKILL);
      return undefined;
    case 'signal':
      for (const pid of reachedBy(action, course)) process.kill(pid, action.signal);
      return undefined;
    case 'record':
      pod.status.ended(action.app, action.end.status);
      return undefined;
    case 'stopped':
      tellStopped(action, pod, effects.owed);
      return undefined;
    case 'start':
      return startPhase(action, course, pod, effects);
  }
}

/** Those of an app, or of all. A post-stop handler is part of the stopping that others are asked to begin. */
function reachedBy(
  { signal, app }: Extract<Action, { type: 'signal' }>,
  { running }: Course,
): readonly number[] {
  return [...running].flatMap(([pid, each]) => {
    const isMeant = app === undefined || each.app === app;
    const isReached = each.phase !== 'post-stop' || signal === SIGKILL;
    return isMeant && isReached ? [pid] : [];
  });
}

function tellStopped({ app, end }: Extract<Action, { type: 'stopped' }>, pod: RunningPod, owed: Owed): void {
  const reply: ControlReply = { result: 'done', ...(end && { status: end.status }) };
  owed.settle(app, ['stop', 'rm'], (op) => (op === 'rm' ? forgetApp(app, pod, reply) : reply));
}

/** What cannot be started any more has ended at once, with the status of a pod that cannot be started. */
function startPhase(
  { app, phase }: Extract<Action, { type: 'start' }>,
  course: Course,
  { start, documents, changing }: RunningPod,
  { processes, owed }: Effects,
): Step {
  const since = monotonicMilliseconds();
  try {
    const pid = start(app, phase);
    processes.open(pid);
    changing?.started(app, pid);
    owed.settle(app, ['start'], () => ({ result: 'done' }));
    return { course: started(course, pid, { app, phase, since }), actions: [] };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const sentence = `${phase === 'main' ? '' : `${phase} handler of `}${error.message}`;
    warn(sentence);
    owed.settle(app, ['start'], () => failed(sentence));
    return phaseOver(course, documents.rules, { app, phase, since }, { status: NOT_STARTED }, since);
  }
}
