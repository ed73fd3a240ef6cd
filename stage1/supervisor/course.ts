import { constants } from 'node:os';
import { type AppRules, mayRestart, restartDelay, willRestart } from './restart.ts';

const { SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT } = constants.signals;

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
  /** The apps that somebody has asked to stop, and when what runs of each is killed. */
  readonly stopping: ReadonlyMap<string, number>;
  /** Whether all apps that the pod began with were started, or will not be. */
  readonly isUp: boolean;
  /** How the first app ended that failed for good. */
  readonly failed?: End;
  /** When what is left is killed: the pod is stopping. */
  readonly killAt?: number;
}

/** What the pod's documents say of its course. */
export interface Rules {
  /** How long apps may take to stop. */
  readonly graceMs: number;
  /** What ends the pod: the first failure, the end of any app, only the end of all, or nothing but a signal. */
  readonly exitOn: 'failure' | 'any' | 'all' | 'signal';
  readonly apps: Readonly<Record<string, AppRules>>;
}

/** What to do next. */
export type Action =
  /** Send it to the apps, or to one, and to the handlers that run before them; to those that run after them only if it kills. */
  | { readonly type: 'signal'; readonly signal: number; readonly app?: string }
  /** Kill the pause process, and with it everything in the pod. */
  | { readonly type: 'kill' }
  /** Of an app that somebody has asked to stop nothing runs any more, as far as it is known to us. */
  | { readonly type: 'stopped'; readonly app: string; readonly end: End | undefined }
  | { readonly type: 'start'; readonly app: string; readonly phase: Phase }
  /** Write down how an app ended. */
  | { readonly type: 'record'; readonly app: string; readonly end: End };

export interface Step {
  readonly course: Course;
  readonly actions: readonly Action[];
}

export function begin(running: ReadonlyMap<number, PodProcess>): Course {
  return {
    running,
    waiting: new Map(),
    tries: new Map(),
    ended: new Map(),
    stopping: new Map(),
    isUp: false,
  };
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
  if (phase === 'pre-start' && end.status === 0 && !isStopping(course, app))
    return { course, actions: [{ type: 'start', app, phase: 'main' }] };
  const record: Action = { type: 'record', app, end };
  const step =
    phase === 'main' && rules.apps[app]?.hasPostStop && !isLate(course, now)
      ? postStop(course, app, end, now + rules.graceMs)
      : appOver(course, rules, process, end, now);
  return { course: step.course, actions: [record, ...step.actions] };
}

/** The handler of an app that somebody has asked to stop has as much time as the app had. */
function postStop(course: Course, app: string, end: End, until: number): Step {
  const ended = new Map([...course.ended, [app, end]]);
  const stopping = course.stopping.has(app) ? new Map([...course.stopping, [app, until]]) : course.stopping;
  return { course: { ...course, ended, stopping }, actions: [{ type: 'start', app, phase: 'post-stop' }] };
}

/** An app has ended and all that runs after it: it is started again, or that was it. */
function appOver(course: Course, rules: Rules, { app, since }: PodProcess, end: End, now: number): Step {
  if (!isStopping(course, app) && willRestart(rules.apps[app]?.restart, end.status)) {
    const { delay, tries } = restartDelay(course.tries.get(app) ?? 0, now - since);
    const waiting = new Map([...course.waiting, [app, now + delay]]);
    return { course: { ...course, waiting, tries: new Map([...course.tries, [app, tries]]) }, actions: [] };
  }
  return rules.exitOn === 'signal' ? stopped(course, app, end) : appGone(course, rules, end, now);
}

/** An app is over in a pod that cannot live without any. */
function appGone(course: Course, rules: Rules, end: End, now: number): Step {
  const failed = course.failed ?? (end.status === 0 ? undefined : end);
  const next = { ...course, ...(failed === undefined ? {} : { failed }) };
  const endsPod = rules.exitOn === 'any' || (rules.exitOn === 'failure' && end.status !== 0);
  return endsPod && course.killAt === undefined && !isOver(next, rules)
    ? stop(next, SIGTERM, now, rules.graceMs)
    : { course: next, actions: [] };
}

/** What becomes of an app in a pod that lives without it. */
function stopped(course: Course, app: string, end: End | undefined): Step {
  if (!course.stopping.has(app)) return { course, actions: [] };
  return {
    course: { ...course, stopping: without(course.stopping, app) },
    actions: [{ type: 'stopped', app, end }],
  };
}

/** Whether the pod comes up now: it was not up, and nothing runs any more before an app. */
export function comesUp({ isUp, running, killAt }: Course): boolean {
  return !isUp && killAt === undefined && ![...running.values()].some(({ phase }) => phase === 'pre-start');
}

/** Whether anything of an app runs, or will without anybody asking for it. */
export function isAlive({ running, waiting, ended }: Course, app: string): boolean {
  return waiting.has(app) || ended.has(app) || [...running.values()].some((each) => each.app === app);
}

/** Somebody asks for an app of which nothing runs: whatever was before is forgotten. It may wait to be started again. */
export function startAsked(course: Course, rules: Rules, app: string): Step {
  return {
    course: { ...course, waiting: without(course.waiting, app), tries: without(course.tries, app) },
    actions: [{ type: 'start', app, phase: firstPhase(rules.apps[app]) }],
  };
}

/** Somebody asks an app to end that is alive. That it is asked for once more gives it no more time, and no second signal. */
export function stopAsked(course: Course, app: string, now: number, graceMs: number): Step {
  if (course.stopping.has(app)) return { course, actions: [] };
  const stopping = new Map([...course.stopping, [app, now + graceMs]]);
  const next = { ...course, stopping, waiting: without(course.waiting, app) };
  if (!isAlive(next, app)) return stopped(next, app, undefined);
  return { course: next, actions: [{ type: 'signal', app, signal: SIGTERM }] };
}

/** The pod's first process is gone, and the kernel has killed all others. */
export function sandboxDied(course: Course, now: number): Step {
  const failed = course.failed ?? { status: 128 + SIGKILL, signal: SIGKILL };
  return { course: { ...course, failed, waiting: new Map(), killAt: now }, actions: [] };
}

function isStopping({ killAt, stopping }: Course, app: string): boolean {
  return killAt !== undefined || stopping.has(app);
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
  const due = dueAt(course.waiting, now);
  const waiting = new Map([...course.waiting].filter(([app]) => !due.includes(app)));
  const starts = due.map((app): Action => ({ type: 'start', app, phase: firstPhase(rules.apps[app]) }));
  const late = dueAt(course.stopping, now);
  const stopping = new Map([...course.stopping, ...late.map((app) => [app, now + KILL_AGAIN_MS] as const)]);
  const kills = late.map((app): Action => ({ type: 'signal', app, signal: SIGKILL }));
  return {
    course: { ...course, waiting, stopping },
    actions: isLate(course, now) && course.running.size > 0 ? [{ type: 'kill' }] : [...kills, ...starts],
  };
}

/** What was killed ends when the kernel lets it; asked again it costs nothing. */
const KILL_AGAIN_MS = 1000;

function dueAt(times: ReadonlyMap<string, number>, now: number): readonly string[] {
  return [...times].filter(([, at]) => now >= at).map(([app]) => app);
}

/** What still runs is being killed. */
function isLate({ killAt }: Course, now: number): boolean {
  return killAt !== undefined && now >= killAt;
}

/** How long to wait for the next event, in milliseconds; −1 for ever. */
export function patience({ killAt, waiting, stopping }: Course, now: number): number {
  const times = [...waiting.values(), ...stopping.values(), ...(killAt === undefined ? [] : [killAt])];
  return times.length === 0 ? -1 : Math.max(0, Math.ceil(Math.min(...times) - now));
}

/** Nothing runs and nothing will: nobody can ask for it any more. */
export function isOver({ running, waiting, killAt }: Course, { exitOn }: Rules): boolean {
  return running.size === 0 && waiting.size === 0 && (exitOn !== 'signal' || killAt !== undefined);
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
