import { constants } from 'node:os';

const { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT } = constants.signals;

/**
 * The course of a pod's life, decided without doing anything: what happened goes in, what to do comes out.
 * One app failing ends the pod with that app's status; so does the end of the last app.
 */
export interface Course {
  /** The apps that run, by pid. */
  readonly running: ReadonlyMap<number, string>;
  /** The status of the first app that failed. */
  readonly failed?: number;
  /** When what is left is killed, in milliseconds of the monotonic clock: the pod is stopping. */
  readonly killAt?: number;
}

/** What to do next. */
export type Action =
  | { readonly type: 'signal'; readonly signal: number }
  /** Kill the pause process, and with it everything in the pod. */
  | { readonly type: 'kill' };

export interface Step {
  readonly course: Course;
  readonly actions: readonly Action[];
}

export function begin(apps: ReadonlyMap<number, string>): Course {
  return { running: apps };
}

/** An app ended, with this exit status (128 plus the signal that killed it). `graceMs`: how long the others may take. */
export function appEnded(course: Course, pid: number, status: number, now: number, graceMs: number): Step {
  const running = new Map([...course.running].filter(([other]) => other !== pid));
  const failed = course.failed ?? (status === 0 ? undefined : status);
  const next = { ...course, running, ...(failed === undefined ? {} : { failed }) };
  const stops = status !== 0 && course.killAt === undefined && running.size > 0;
  return stops ? stop(next, SIGTERM, now, graceMs) : { course: next, actions: [] };
}

/** A signal reached the supervisor: stopping ones stop the pod, others are the apps' own. */
export function signalled(course: Course, signal: number, now: number, graceMs: number): Step {
  if (signal === SIGTERM || signal === SIGINT) return stop(course, signal, now, graceMs);
  return FORWARDED.includes(signal)
    ? { course, actions: [{ type: 'signal', signal }] }
    : { course, actions: [] };
}

/** Forwarded without a thought of our own; SIGTSTP and its like are not: the apps have sessions of their own. */
const FORWARDED: readonly number[] = [SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT];

/** Time passed. */
export function woken(course: Course, now: number): Step {
  const late = course.killAt !== undefined && now >= course.killAt;
  return { course, actions: late && course.running.size > 0 ? [{ type: 'kill' }] : [] };
}

/** How long to wait for the next event, in milliseconds; −1 for ever. */
export function patience({ killAt }: Course, now: number): number {
  return killAt === undefined ? -1 : Math.max(0, Math.ceil(killAt - now));
}

/** The exit status of the pod when nothing runs any more. */
export function exitStatus({ failed = 0 }: Course): number {
  return failed;
}

/** The first request counts for the deadline, later ones are passed on: an app may treat a second SIGINT differently. */
function stop(course: Course, signal: number, now: number, graceMs: number): Step {
  return {
    course: { ...course, killAt: course.killAt ?? now + graceMs },
    actions: [{ type: 'signal', signal }],
  };
}
