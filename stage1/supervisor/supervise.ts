import { constants } from 'node:os';
import { monotonicMilliseconds } from '../../linux/monotonic-clock.ts';
import { openPidFd, type PidFd } from '../../linux/pidfd.ts';
import { poll } from '../../linux/poll.ts';
import { readSignals } from '../../linux/signalfd.ts';
import { type Ended, reap, shellStatus } from '../../linux/wait.ts';
import { onRequest } from '../control/on-request.ts';
import { openOwed } from '../control/orders.ts';
import type { Manager } from '../systemd/manager.ts';
import { copyWindowSize, handle, pollSet } from '../terminal/terminal.ts';
import { carryOut, type Effects } from './carry-out.ts';
import {
  type Course,
  comesUp,
  type End,
  exitStatus,
  isOver,
  patience,
  processEnded,
  type Step,
  sandboxDied,
  signalled,
  woken,
} from './course.ts';
import { openProcesses } from './open-processes.ts';
import type { RunningPod } from './running-pod.ts';
import { sooner } from './sooner.ts';

const { SIGCHLD, SIGHUP, SIGWINCH } = constants.signals;
const POLLIN = 1;

/** A pod that lives a quiet life for so long is worth less memory. Longer than most short-lived pods live at all. */
const QUIET_MS = 2000;

/** How a pod ended: its status, and the signal that killed the app whose status that is. */
export interface PodEnd {
  readonly status: number;
  readonly signal: number | undefined;
}

/**
 * Waits, forwards signals, records statuses and starts again until the last app has ended; how the pod ends by that.
 * Everything comes through one poll(2): signals by a signalfd (they are blocked), the ends of apps by pidfds (another
 * thread of the runtime may swallow SIGCHLD), the terminal, and time.
 */
export function supervise(pod: RunningPod): PodEnd {
  const { manager, documents, changing } = pod;
  const owed = openOwed();
  let course = pod.course;
  using processes = openProcesses([...course.running.keys()]);
  using sandbox = changing && openPidFd(pod.pause);
  const take = (step: Step): void => {
    course = step.course;
    if (course.killAt !== undefined) manager.stopping();
    for (const action of step.actions) {
      const next = carryOut(action, course, pod, { processes, owed });
      if (next !== undefined) take(next);
    }
  };
  while (!isOver(course, documents.rules)) {
    course = tellStarted(course, manager);
    pod.streams.release(course, documents.rules);
    pod.sockets.release(course, documents.rules);
    manager.running(runningApps(course));
    const events = waitForEvents(course, pod, [...processes.fds, ...watched(course, sandbox)]);
    if (pod.terminal) handle(pod.terminal, events);
    manager.handle(events);
    for (const step of happenings(events, () => course, pod, { processes, owed })) take(step);
    if (sandbox && events.has(sandbox.fd)) take(sandboxDied(course, monotonicMilliseconds()));
    manager.timePassed(performance.now());
  }
  return { status: exitStatus(course), signal: course.failed?.signal };
}

/** Once, when all that the pod began with was started. */
function tellStarted(course: Course, manager: Manager): Course {
  if (!comesUp(course)) return course;
  manager.started();
  return { ...course, isUp: true };
}

/** What has happened to the course of the pod, one after the other: each as the course stands when the one before has been taken. */
function* happenings(
  events: ReadonlyMap<number, number>,
  course: () => Course,
  pod: RunningPod,
  { processes, owed }: Effects,
): Iterable<Step> {
  const { documents, changing } = pod;
  for (const signal of readSignals(pod.signals)) yield onSignal(signal, course(), pod);
  for (const ended of ends(course())) {
    processes.close(ended.pid);
    changing?.ended(ended.pid);
    yield processEnded(course(), documents.rules, ended.pid, endOf(ended), monotonicMilliseconds());
  }
  for (const asked of changing?.control.handle(events, performance.now()) ?? [])
    yield onRequest(asked, course(), pod, owed);
  yield woken(course(), documents.rules, monotonicMilliseconds());
}

/** Of a pod that lives without apps nobody else would tell us that its first process is gone. */
function watched({ killAt }: Course, sandbox: PidFd | undefined): readonly number[] {
  return sandbox === undefined || killAt !== undefined ? [] : [sandbox.fd];
}

function waitForEvents(
  course: Course,
  { signals, terminal, whenQuiet, manager, changing }: RunningPod,
  processes: Iterable<number>,
): ReadonlyMap<number, number> {
  const readable = [signals, ...manager.fds, ...processes].map((fd) => ({ fd, events: POLLIN }));
  const control = changing?.control;
  const requests = [...readable, ...(terminal ? pollSet(terminal) : []), ...(control?.requests ?? [])];
  const left = [
    patience(course, monotonicMilliseconds()),
    manager.patience(performance.now()),
    control?.patience(performance.now()) ?? -1,
  ].reduce(sooner);
  const isBusy = course.killAt !== undefined || control?.isBusy || (left >= 0 && left <= QUIET_MS);
  if (whenQuiet === undefined || isBusy) return poll(requests, left);
  const events = poll(requests, QUIET_MS);
  return events.size > 0 ? events : whenQuiet(course, left < 0 ? left : left - QUIET_MS);
}

function onSignal(signal: number, course: Course, { documents, terminal, manager }: RunningPod): Step {
  if (signal === SIGWINCH && terminal) copyWindowSize(terminal);
  if (signal === SIGHUP) manager.reloading(runningApps(course));
  if (signal === SIGCHLD) return { course, actions: [] };
  return signalled(course, signal, monotonicMilliseconds(), documents.rules.graceMs);
}

/** The apps themselves; a handler reads no configuration again. */
function runningApps({ running }: Course): ReadonlySet<string> {
  return new Set([...running.values()].filter(({ phase }) => phase === 'main').map(({ app }) => app));
}

/** What has ended; the pause process is not reaped here, so that its pid stays its own until we kill it. */
function ends({ running }: Course): readonly Ended[] {
  return [...running.keys()].flatMap((pid) => reap(pid) ?? []);
}

function endOf(ended: Ended): End {
  const { signal } = ended;
  return { status: shellStatus(ended), ...(signal === undefined ? {} : { signal }) };
}
