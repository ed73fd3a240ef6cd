import type { ControlReply, ControlRequest } from '../../schema/pod-control.ts';
import { type Course, isAlive } from '../supervisor/course.ts';
import type { Asked } from './socket.ts';

/** What is answered to a request at once, because it cannot be, or is so already; undefined: something has to be done first. */
export function answerNow({ op, app }: ControlRequest, course: Course): ControlReply | undefined {
  const what = `app ${JSON.stringify(app)}`;
  if (course.killAt !== undefined) return failed('the pod is being stopped');
  if (op !== 'start') return isAlive(course, app) ? undefined : ALREADY;
  if (course.stopping.has(app)) return failed(`${what} is being stopped`);
  if (course.ended.has(app)) return failed(`${what} has not ended yet, its post-stop handler runs`);
  return [...course.running.values()].some((each) => each.app === app) ? ALREADY : undefined;
}

export function failed(why: string): ControlReply {
  return { result: 'failed', why };
}

const ALREADY: ControlReply = { result: 'done', already: true };

/** The requests that are not answered yet. */
export interface Owed {
  owe(asked: Asked): void;
  /** Answers those who ask for one of these of an app. */
  settle(
    app: string,
    ops: readonly ControlRequest['op'][],
    reply: (op: ControlRequest['op']) => ControlReply,
  ): void;
}

export function openOwed(): Owed {
  let owed: readonly Asked[] = [];
  return {
    owe(asked) {
      owed = [...owed, asked];
    },
    settle(app, ops, reply) {
      const due = owed.filter(({ request }) => request.app === app && ops.includes(request.op));
      owed = owed.filter((each) => !due.includes(each));
      for (const { request, answer } of due) answer(reply(request.op));
    },
  };
}
