import { constants } from 'node:os';
import { type AppRules, mayRestart, restartDelay, willRestart } from './restart.ts';

const { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT } = constants.signals;

/** What of an app runs: a handler before it or after it, or the app itself. */
export type Phase = 'pre-start' | 'main' | 'post-stop';

export interface PodProcess {
  readonly app: string;
  readonly phase: Phase;
  /** When it was started. Times are milliseconds of the machine's monotonic clock. */
  readonly since: number;
}

/** How something ended: its exit status, 128 plus the signal that killed it. */
export interface End {
  readonly status: number;
  readonly signal?: number;
}

/**
 * The course of a pod's life, decided without doing anything: what happened goes in, what to do comes out. All of it is
 * plain data, for a sleeping supervisor has to remember it.
 */
export interface Course {
  /** By pid. */
  readonly running: ReadonlyMap<number, PodProcess>;
  /** When apps are started again, by name. */
  readonly waiting: ReadonlyMap<string, number>;
  /** How often an app was started again in a row. */
  readonly tries: ReadonlyMap<string, number>;
  /** How apps ended whose post-stop handler runs. */
  readonly ended: ReadonlyMap<string, End>;
  /** How the first app ended that failed for good. */
  readonly failed?: End;
  /** When what is left is killed: the pod is stopping. */
  readonly killAt?: number;
}

/** What the pod's documents say of its course. */
export interface Rules {
  /** How long apps may take to stop. */
  readonly graceMs: number;
  /** What ends the pod: the first failure, the end of any app, or only the end of all. */
  readonly exitOn: 'failure' | 'any' | 'all';
  readonly apps: Readonly<Record<string, AppRules>>;
}

/** What to do next. */
export type Action =
  /** Send it to the apps, and to the handlers that run before them. */
  | { readonly type: 'signal'; readonly signal: number }
  /** Kill the pause process, and with it everything in the pod. */
  | { readonly type: 'kill' }
  | { readonly type: 'start'; readonly app: string; readonly phase: Phase }
  /** Write down how an app ended. */
  | { readonly type: 'record'; readonly app: string; readonly end: End };

export interface Step {
  readonly course: Course;
  readonly actions: readonly Action[];
}

export function begin(running: ReadonlyMap<number, PodProcess>): Course {
  return { running, waiting: new Map(), tries: new Map(), ended: new Map() };
}

/** What is started first of an app. */
export function firstPhase(rules: AppRules | undefined): Phase {
  return rules?.hasPreStart ? 'pre-start' : 'main';
}

export function started(course: Course, pid: number, process: PodProcess): Course {
  return { ...course, running: new Map([...course.running, [pid, process]]) };
}

/** A process of the pod has ended. */
export function processEnded(course: Course, rules: Rules, pid: number, end: End, now: number): Step {
  const process = course.running.get(pid);
  if (process === undefined) return { course, actions: [] };
  return phaseOver({ ...course, running: without(course.running, pid) }, rules, process, end, now);
}

/** A phase of an app is over, or could not even begin. */
export function phaseOver(course: Course, rules: Rules, process: PodProcess, end: End, now: number): Step {
  const { app, phase } = process;
  if (phase === 'post-stop') {
    const before = course.ended.get(app) ?? end;
    return appOver({ ...course, ended: without(course.ended, app) }, rules, process, before, now);
  }
  if (phase === 'pre-start' && end.status === 0 && course.killAt === undefined)
    return { course, actions: [{ type: 'start', app, phase: 'main' }] };
  const record: Action = { type: 'record', app, end };
  const step =
    phase === 'main' && rules.apps[app]?.hasPostStop && !isLate(course, now)
      ? postStop(course, app, end)
      : appOver(course, rules, process, end, now);
  return { course: step.course, actions: [record, ...step.actions] };
}

function postStop(course: Course, app: string, end: End): Step {
  const ended = new Map([...course.ended, [app, end]]);
  return { course: { ...course, ended }, actions: [{ type: 'start', app, phase: 'post-stop' }] };
}

/** An app has ended and all that runs after it: it is started again, or that was it. */
function appOver(course: Course, rules: Rules, { app, since }: PodProcess, end: End, now: number): Step {
  if (course.killAt === undefined && willRestart(rules.apps[app]?.restart, end.status)) {
    const { delay, tries } = restartDelay(course.tries.get(app) ?? 0, now - since);
    const waiting = new Map([...course.waiting, [app, now + delay]]);
    return { course: { ...course, waiting, tries: new Map([...course.tries, [app, tries]]) }, actions: [] };
  }
  const failed = course.failed ?? (end.status === 0 ? undefined : end);
  const next = { ...course, ...(failed === undefined ? {} : { failed }) };
  const endsPod = rules.exitOn === 'any' || (rules.exitOn === 'failure' && end.status !== 0);
  return endsPod && course.killAt === undefined && !isOver(next)
    ? stop(next, SIGTERM, now, rules.graceMs)
    : { course: next, actions: [] };
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
export function woken(course: Course, rules: Rules, now: number): Step {
  const due = [...course.waiting].filter(([, at]) => now >= at).map(([app]) => app);
  const waiting = new Map([...course.waiting].filter(([app]) => !due.includes(app)));
  const starts = due.map((app): Action => ({ type: 'start', app, phase: firstPhase(rules.apps[app]) }));
  return {
    course: { ...course, waiting },
    actions: isLate(course, now) && course.running.size > 0 ? [{ type: 'kill' }] : starts,
  };
}

/** What still runs is being killed. */
function isLate({ killAt }: Course, now: number): boolean {
  return killAt !== undefined && now >= killAt;
}

/** How long to wait for the next event, in milliseconds; −1 for ever. */
export function patience({ killAt, waiting }: Course, now: number): number {
  const times = [...waiting.values(), ...(killAt === undefined ? [] : [killAt])];
  return times.length === 0 ? -1 : Math.max(0, Math.ceil(Math.min(...times) - now));
}

/** Nothing runs and nothing will. */
export function isOver({ running, waiting }: Course): boolean {
  return running.size === 0 && waiting.size === 0;
}

/** The apps of which something may be started yet: with what happens around them they are not over before their last try. */
export function mayStart({ running, waiting, ended }: Course, { apps }: Rules): ReadonlySet<string> {
  const alive = [...running.values()].map(({ app }) => app);
  return new Set([...alive, ...waiting.keys(), ...ended.keys()].filter((app) => apps[app] !== undefined));
}

/** The apps of which the app itself may be started yet: after its handler, or again. */
export function mayStartMain(
  { running, waiting, ended, killAt }: Course,
  { apps }: Rules,
): ReadonlySet<string> {
  if (killAt !== undefined) return new Set();
  const alive = [...running.values()].filter(
    ({ app, phase }) => phase === 'pre-start' || (phase === 'main' && mayRestart(apps[app]?.restart)),
  );
  const over = [...ended].filter(([app, { status }]) => willRestart(apps[app]?.restart, status));
  return new Set([...alive.map(({ app }) => app), ...over.map(([app]) => app), ...waiting.keys()]);
}

/** The exit status of the pod when nothing runs any more. */
export function exitStatus({ failed }: Course): number {
  return failed?.status ?? 0;
}

/**
 * The first request counts for the deadline, later ones are passed on: an app may treat a second SIGINT differently. What
 * waits to be started again is not.
 */
function stop(course: Course, signal: number, now: number, graceMs: number): Step {
  return {
    course: { ...course, waiting: new Map(), killAt: course.killAt ?? now + graceMs },
    actions: [{ type: 'signal', signal }],
  };
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  return new Map([...map].filter(([other]) => other !== key));
}
