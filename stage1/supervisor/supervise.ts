import { constants } from 'node:os';
import { poll } from '../../linux/poll.ts';
import { UNBLOCKABLE } from '../../linux/signal.ts';
import { readSignals, signalfd } from '../../linux/signalfd.ts';
import { type Ended, reap, shellStatus } from '../../linux/wait.ts';
import { copyWindowSize, handle, pollSet, type Terminal } from '../terminal/terminal.ts';
import { appEnded, begin, type Course, exitStatus, patience, type Step, signalled, woken } from './course.ts';
import type { StatusFiles } from './status.ts';

const { SIGCHLD, SIGKILL, SIGWINCH } = constants.signals;
const POLLIN = 1;

/** A pod whose apps run. */
export interface RunningPod {
  readonly pause: number;
  /** The apps' names by pid. */
  readonly apps: ReadonlyMap<number, string>;
  readonly status: StatusFiles;
  readonly graceMs: number;
  readonly terminal: Terminal | undefined;
}

/**
 * Waits, forwards signals and records statuses until the last app has ended; the status the pod ends with. Everything
 * comes through one poll(2): signals by a signalfd (they are blocked), the terminal, and time.
 */
export function supervise(pod: RunningPod): number {
  const signals = signalfd(UNBLOCKABLE);
  let course = begin(pod.apps);
  const take = (step: Step) => {
    course = step.course;
    for (const action of step.actions) carryOut(action, course, pod);
  };
  while (course.running.size > 0) {
    const requests = [{ fd: signals, events: POLLIN }, ...(pod.terminal ? pollSet(pod.terminal) : [])];
    const events = poll(requests, patience(course, performance.now()));
    if (pod.terminal) handle(pod.terminal, events);
    for (const signal of readSignals(signals)) take(onSignal(signal, course, pod));
    for (const ended of ends(course)) take(onEnd(ended, course, pod));
    take(woken(course, performance.now()));
  }
  return exitStatus(course);
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

function onEnd(ended: Ended, course: Course, { status, graceMs }: RunningPod): Step {
  status.ended(course.running.get(ended.pid) ?? '', shellStatus(ended));
  return appEnded(course, ended.pid, shellStatus(ended), performance.now(), graceMs);
}

/** The apps are our children and not yet reaped, so their pids are theirs. */
function carryOut(action: Step['actions'][number], { running }: Course, { pause }: RunningPod): void {
  if (action.type === 'kill') process.kill(pause, SIGKILL);
  else for (const pid of running.keys()) process.kill(pid, action.signal);
}
