import { monotonicMilliseconds } from '../../linux/monotonic-clock.ts';
import type { ControlReply } from '../../schema/pod-control.ts';
import { type Course, type Step, startAsked, stopAsked } from '../supervisor/course.ts';
import type { RunningPod } from '../supervisor/running-pod.ts';
import { answerNow, failed, type Owed } from './orders.ts';
import type { Asked } from './socket.ts';

/** Somebody wants the pod changed. What cannot be is said to who asked, and the pod goes on. */
export function onRequest(asked: Asked, course: Course, pod: RunningPod, owed: Owed): Step {
  const { op, app } = asked.request;
  const { documents, changing } = pod;
  const reply = answerNow(asked.request, course);
  if (reply !== undefined) {
    asked.answer(op === 'rm' && reply.result === 'done' ? forgetApp(app, pod, reply) : reply);
    return { course, actions: [] };
  }
  const error = op === 'start' ? attempt(() => changing?.prepare(app)) : undefined;
  if (error !== undefined) {
    asked.answer(failed(error.message));
    return { course, actions: [] };
  }
  owed.owe(asked);
  return op === 'start'
    ? startAsked(course, documents.rules, app)
    : stopAsked(course, app, monotonicMilliseconds(), documents.rules.graceMs);
}

/** Has nothing of an app any more that does not run: the reply, or why that cannot be. */
export function forgetApp(app: string, { changing, streams }: RunningPod, reply: ControlReply): ControlReply {
  const error = attempt(() => {
    streams.forget(app);
    changing?.forget(app);
  });
  return error === undefined ? reply : failed(error.message);
}

/** A failure that is nobody's bug. */
function attempt(act: () => void): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return error;
  }
}
