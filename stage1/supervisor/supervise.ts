import { constants } from 'node:os';
import { monotonicMilliseconds } from '../../linux/monotonic-clock.ts';
import { poll } from '../../linux/poll.ts';
import { readSignals } from '../../linux/signalfd.ts';
import { type Ended, reap, shellStatus } from '../../linux/wait.ts';
import type { Streams } from '../stdio/streams.ts';
import type { KeptSockets } from '../systemd/kept-sockets.ts';
import type { Manager } from '../systemd/manager.ts';
import { copyWindowSize, handle, pollSet, type Terminal } from '../terminal/terminal.ts';
import {
  type Action,
  type Course,
  type End,
  exitStatus,
  isOver,
  patience,
  phaseOver,
  processEnded,
  type Rules,
  type Step,
  signalled,
  started,
  woken,
} from './course.ts';
import { type OpenProcesses, openProcesses } from './open-processes.ts';
import { sooner } from './sooner.ts';
import type { StartPhase } from './start-phase.ts';
import type { StatusFiles } from './status.ts';
import { warn } from './warn.ts';

const { SIGCHLD, SIGHUP, SIGKILL, SIGWINCH } = constants.signals;
const POLLIN = 1;

/** What tsrkt exits with when an app cannot be started. */
const NOT_STARTED = 254;

/** A pod that lives a quiet life for so long is worth less memory. Longer than most short-lived pods live at all. */
const QUIET_MS = 2000;

/** A pod whose apps run. */
export interface RunningPod {
  readonly pause: number;
  /** How it stands. */
  readonly course: Course;
  readonly rules: Rules;
  /** The signalfd by which every signal comes. */
  readonly signals: number;
  readonly status: StatusFiles;
  readonly start: StartPhase;
  readonly terminal: Terminal | undefined;
  readonly streams: Streams;
  readonly sockets: KeptSockets;
  /** Who is told how the pod is. */
  readonly manager: Manager;
  /** What to do when nothing has happened for a while, and nothing has to be done for `timeoutMs`; it does not come back, or throws. */
  readonly whenQuiet: ((course: Course, timeoutMs: number) => never) | undefined;
}

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
  const { manager, rules } = pod;
  let course = pod.course;
  using processes = openProcesses([...course.running.keys()]);
  const take = (step: Step): void => {
    course = step.course;
    if (course.killAt !== undefined) manager.stopping();
    for (const action of step.actions) {
      const next = carryOut(action, course, pod, processes);
      if (next !== undefined) take(next);
    }
  };
  while (!isOver(course)) {
    pod.streams.release(course, rules);
    pod.sockets.release(course, rules);
    manager.running(runningApps(course));
    const events = waitForEvents(course, pod, processes.fds);
    if (pod.terminal) handle(pod.terminal, events);
    manager.handle(events);
    for (const signal of readSignals(pod.signals)) take(onSignal(signal, course, pod));
    for (const ended of ends(course)) {
      processes.close(ended.pid);
      take(processEnded(course, rules, ended.pid, endOf(ended), monotonicMilliseconds()));
    }
    take(woken(course, rules, monotonicMilliseconds()));
    manager.timePassed(performance.now());
  }
  return { status: exitStatus(course), signal: course.failed?.signal };
}

function waitForEvents(
  course: Course,
  { signals, terminal, whenQuiet, manager }: RunningPod,
  processes: Iterable<number>,
): ReadonlyMap<number, number> {
  const readable = [signals, ...manager.fds, ...processes].map((fd) => ({ fd, events: POLLIN }));
  const requests = [...readable, ...(terminal ? pollSet(terminal) : [])];
  const left = sooner(patience(course, monotonicMilliseconds()), manager.patience(performance.now()));
  const isBusy = course.killAt !== undefined || (left >= 0 && left <= QUIET_MS);
  if (whenQuiet === undefined || isBusy) return poll(requests, left);
  const events = poll(requests, QUIET_MS);
  return events.size > 0 ? events : whenQuiet(course, left < 0 ? left : left - QUIET_MS);
}

function onSignal(signal: number, course: Course, { rules, terminal, manager }: RunningPod): Step {
  if (signal === SIGWINCH && terminal) copyWindowSize(terminal);
  if (signal === SIGHUP) manager.reloading(runningApps(course));
  if (signal === SIGCHLD) return { course, actions: [] };
  return signalled(course, signal, monotonicMilliseconds(), rules.graceMs);
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

/** What follows from it, if anything does. Apps are our children and not yet reaped, so their pids are theirs. */
function carryOut(action: Action, course: Course, pod: RunningPod, open: OpenProcesses): Step | undefined {
  switch (action.type) {
    case 'kill':
      process.kill(pod.pause, SIGKILL);
      return undefined;
    case 'signal':
      for (const [pid, { phase }] of course.running)
        if (phase !== 'post-stop') process.kill(pid, action.signal);
      return undefined;
    case 'record':
      pod.status.ended(action.app, action.end.status);
      return undefined;
    case 'start':
      return startPhase(action, course, pod, open);
  }
}

/** What cannot be started any more has ended at once, with the status of a pod that cannot be started. */
function startPhase(
  { app, phase }: Extract<Action, { type: 'start' }>,
  course: Course,
  { start, rules }: RunningPod,
  open: OpenProcesses,
): Step {
  const since = monotonicMilliseconds();
  try {
    const pid = start(app, phase);
    open.open(pid);
    return { course: started(course, pid, { app, phase, since }), actions: [] };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    warn(`${phase === 'main' ? '' : `${phase} handler of `}${error.message}`);
    return phaseOver(course, rules, { app, phase, since }, { status: NOT_STARTED }, since);
  }
}
