import { constants } from 'node:os';
import { poll } from '../../linux/poll.ts';
import { readSignals } from '../../linux/signalfd.ts';
import { type Ended, reap, shellStatus } from '../../linux/wait.ts';
import type { Manager } from '../systemd/manager.ts';
import { copyWindowSize, handle, pollSet, type Terminal } from '../terminal/terminal.ts';
import { appEnded, begin, type Course, exitStatus, patience, type Step, signalled, woken } from './course.ts';
import { type OpenProcesses, openProcesses } from './open-processes.ts';
import type { StatusFiles } from './status.ts';

const { SIGCHLD, SIGHUP, SIGKILL, SIGWINCH } = constants.signals;
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
  /** Who is told how the pod is. */
  readonly manager: Manager;
  /** What to do when nothing has happened for a while; it does not come back, or throws. */
  readonly whenQuiet: ((apps: Course['running']) => never) | undefined;
}

/** How a pod ended: its status, and the signal that killed the app whose status that is. */
export interface PodEnd {
  readonly status: number;
  readonly signal: number | undefined;
}

/**
 * Waits, forwards signals and records statuses until the last app has ended; how the pod ends by that. Everything
 * comes through one poll(2): signals by a signalfd (they are blocked), the ends of apps by pidfds (another thread of the
 * runtime may swallow SIGCHLD), the terminal, and time.
 */
export function supervise(pod: RunningPod): PodEnd {
  const { manager } = pod;
  let course = begin(pod.apps);
  let failed: Ended | undefined;
  using ended = openProcesses([...pod.apps.keys()]);
  const take = (step: Step) => {
    course = step.course;
    if (course.killAt !== undefined) manager.stopping();
    for (const action of step.actions) carryOut(action, course, pod);
  };
  while (course.running.size > 0) {
    const events = waitForEvents(course, pod, ended.fds);
    if (pod.terminal) handle(pod.terminal, events);
    manager.handle(events);
    for (const signal of readSignals(pod.signals)) take(onSignal(signal, course, pod));
    for (const end of ends(course)) {
      if (shellStatus(end) !== 0) failed ??= end;
      take(onEnd(end, course, pod, ended));
    }
    take(woken(course, performance.now()));
    manager.keepAlive(performance.now());
  }
  return { status: exitStatus(course), signal: failed?.signal };
}

function waitForEvents(
  course: Course,
  { signals, terminal, whenQuiet, manager }: RunningPod,
  processes: Iterable<number>,
): ReadonlyMap<number, number> {
  const readable = [signals, ...manager.fds, ...processes].map((fd) => ({ fd, events: POLLIN }));
  const requests = [...readable, ...(terminal ? pollSet(terminal) : [])];
  const now = performance.now();
  const left = sooner(patience(course, now), manager.patience(now));
  const isBusy = course.killAt !== undefined || (left >= 0 && left <= QUIET_MS);
  if (whenQuiet === undefined || isBusy) return poll(requests, left);
  const events = poll(requests, QUIET_MS);
  return events.size > 0 ? events : whenQuiet(course.running);
}

/** Of two times to wait, where −1 is for ever. */
function sooner(one: number, other: number): number {
  return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
}

function onSignal(signal: number, course: Course, { graceMs, terminal, manager }: RunningPod): Step {
  if (signal === SIGWINCH && terminal) copyWindowSize(terminal);
  if (signal === SIGHUP) manager.reloading();
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
