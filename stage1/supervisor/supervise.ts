import { constants } from 'node:os';
import { poll } from '../../linux/poll.ts';
import { readSignals } from '../../linux/signalfd.ts';
import { type Ended, reap, shellStatus } from '../../linux/wait.ts';
import { copyWindowSize, handle, pollSet, type Terminal } from '../terminal/terminal.ts';
import { appEnded, begin, type Course, exitStatus, patience, type Step, signalled, woken } from './course.ts';
import { type OpenProcesses, openProcesses } from './open-processes.ts';
import type { StatusFiles } from './status.ts';

const { SIGCHLD, SIGKILL, SIGWINCH } = constants.signals;
const POLLIN = 1;

/** A pod that lives a quiet life for so long is worth less memory. Longer than most short-lived pods live at all. */
const QUIET_MS = 2000;

/** A pod whose apps run. */
export interface RunningPod {
  readonly pause: number;
  /** The apps' names by pid. */
  readonly apps: ReadonlyMap<number, string>;
  /** The signalfd by which every signal comes. */
  readonly signals: number;
  readonly status: StatusFiles;
  readonly graceMs: number;
  readonly terminal: Terminal | undefined;
  /** What to do when nothing has happened for a while; it does not come back, or throws. */
  readonly whenQuiet: ((apps: Course['running']) => never) | undefined;
}

/**
 * Waits, forwards signals and records statuses until the last app has ended; the status the pod ends with. Everything
 * comes through one poll(2): signals by a signalfd (they are blocked), the ends of apps by pidfds (another thread of the
 * runtime may swallow SIGCHLD), the terminal, and time.
 */
export function supervise(pod: RunningPod): number {
  let course = begin(pod.apps);
  using ended = openProcesses([...pod.apps.keys()]);
  const take = (step: Step) => {
    course = step.course;
    for (const action of step.actions) carryOut(action, course, pod);
  };
  while (course.running.size > 0) {
    const events = waitForEvents(course, pod, ended.fds);
    if (pod.terminal) handle(pod.terminal, events);
    for (const signal of readSignals(pod.signals)) take(onSignal(signal, course, pod));
    for (const end of ends(course)) take(onEnd(end, course, pod, ended));
    take(woken(course, performance.now()));
  }
  return exitStatus(course);
}

function waitForEvents(
  course: Course,
  { signals, terminal, whenQuiet }: RunningPod,
  processes: Iterable<number>,
): ReadonlyMap<number, number> {
  const readable = [signals, ...processes].map((fd) => ({ fd, events: POLLIN }));
  const requests = [...readable, ...(terminal ? pollSet(terminal) : [])];
  const left = patience(course, performance.now());
  if (whenQuiet === undefined || left >= 0) return poll(requests, left);
  const events = poll(requests, QUIET_MS);
  return events.size > 0 ? events : whenQuiet(course.running);
}

function onSignal(signal: number, course: Course, { graceMs, terminal }: RunningPod): Step {
  if (signal === SIGWINCH && terminal) copyWindowSize(terminal);
  if (signal === SIGCHLD) return { course, actions: [] };
  return signalled(course, signal, performance.now(), graceMs);
}

/** The apps that have ended; the pause process is not reaped here, so that its pid stays its own until we kill it. */
function ends({ running }: Course): readonly Ended[] {
  return [...running.keys()].flatMap((pid) => reap(pid) ?? []);
}

function onEnd(ended: Ended, course: Course, { status, graceMs }: RunningPod, open: OpenProcesses): Step {
  open.close(ended.pid);
  status.ended(course.running.get(ended.pid) ?? '', shellStatus(ended));
  return appEnded(course, ended.pid, shellStatus(ended), performance.now(), graceMs);
}

/** The apps are our children and not yet reaped, so their pids are theirs. */
function carryOut(action: Step['actions'][number], { running }: Course, { pause }: RunningPod): void {
  if (action.type === 'kill') process.kill(pause, SIGKILL);
  else for (const pid of running.keys()) process.kill(pid, action.signal);
}
