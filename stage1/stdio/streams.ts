import { closeSync, constants, fchmodSync, openSync, readlinkSync } from 'node:fs';
import { isTerminal } from '../../linux/tty.ts';
import { reap } from '../../linux/wait.ts';
import type { AppStdio, Runtime } from '../../schema/pod-files.ts';
import { tellEnded } from '../attach/end-attendants.ts';
import { startAttendant } from '../attach/start-attendant.ts';
import type { Stdio } from '../compile/stdio.ts';
import { type Course, mayStart, type Rules } from '../supervisor/course.ts';
import { openLog } from './log.ts';

const NAMES = ['stdin', 'stdout', 'stderr'] as const;
type Name = (typeof NAMES)[number];

/** The standard streams of an app that are its own, by our descriptors. */
export type AppStreams = Readonly<Partial<Record<Name, number>>>;

/** What a sleeping supervisor has to remember of them. */
export interface KeptStreams {
  /** The streams of the apps that may be started again. */
  readonly streams: Readonly<Record<string, AppStreams>>;
  /** The processes at their other ends: writers of logs, */
  readonly streamers: readonly number[];
  /** and those to whom one attaches. */
  readonly attendants: readonly Attendant[];
}

/** The process to whom one attaches, of an app. */
export interface Attendant {
  readonly app: string;
  readonly pid: number;
}

/** The standard streams of apps that lead elsewhere than ours. */
export interface Streams {
  /** Those of an app; made when it is started for the first time. */
  readonly of: (app: string) => AppStreams;
  /** Closes what no app will be started with any more, so that whoever reads at the other end sees the end. */
  readonly release: (course: Course, rules: Rules) => void;
  /** Has nothing of an app any more that does not run. */
  readonly forget: (app: string) => void;
  readonly kept: () => KeptStreams;
}

export interface StreamsOf {
  /** The pod's directory. */
  readonly directory: string;
  /** What its documents say of its apps' streams today. */
  readonly stdio: () => Runtime['stdio'];
  /** Which streams the journal takes; a log is that, where it does. */
  readonly journal: readonly Name[];
}

export function openStreams(pod: StreamsOf, earlier: KeptStreams = NONE): Streams {
  const open = new Map(Object.entries(earlier.streams));
  let { streamers, attendants } = earlier;
  /** Whoever is still attached is shown what came last; a new attendant has the socket from now on. */
  const dismissAttendants = (app: string) => {
    tellEnded(attendants.flatMap((each) => (each.app === app ? [each.pid] : [])));
  };
  const reapEnded = () => {
    streamers = streamers.filter((pid) => reap(pid) === undefined);
    attendants = attendants.filter(({ pid }) => reap(pid) === undefined);
  };
  const close = (app: string, streams: AppStreams) => {
    closeStreams(streams);
    open.delete(app);
  };
  return {
    of(app) {
      const known = open.get(app);
      if (known !== undefined) return known;
      reapEnded();
      dismissAttendants(app);
      const { streams, writers, attendants: more } = openAppStreams(pod, app);
      open.set(app, streams);
      streamers = [...streamers, ...writers];
      attendants = [...attendants, ...more.map((pid) => ({ app, pid }))];
      return streams;
    },
    release(course, rules) {
      const needed = mayStart(course, rules);
      for (const [app, streams] of open) if (!needed.has(app)) close(app, streams);
    },
    forget(app) {
      const streams = open.get(app);
      if (streams !== undefined) close(app, streams);
      dismissAttendants(app);
      reapEnded();
    },
    kept: () => ({ streams: Object.fromEntries(open), streamers, attendants }),
  };
}

/** The standard files of an app with its own in their places. */
export function withOwn(
  stdio: Stdio,
  { stdin = stdio[0], stdout = stdio[1], stderr = stdio[2] }: AppStreams,
): Stdio {
  return [stdin, stdout, stderr];
}

/** All who have to finish when a pod has ended. */
export interface Writers {
  readonly writers: readonly number[];
  readonly attendants: readonly number[];
}

export function writersOf(outputs: { readonly writers: () => readonly number[] }, streams: Streams): Writers {
  const { streamers, attendants } = streams.kept();
  return { writers: [...outputs.writers(), ...streamers], attendants: attendants.map(({ pid }) => pid) };
}

/** The first of its streams that is a terminal, and the path of that; undefined where none is. */
export function terminalOf(streams: AppStreams) {
  const terminalAt = NAMES.findIndex((name) => streams[name] !== undefined && isTerminal(streams[name]));
  const name = NAMES[terminalAt];
  if (name === undefined) return undefined;
  return { terminalAt, terminal: readlinkSync(`/proc/self/fd/${streams[name]}`) };
}

const NONE: KeptStreams = { streams: {}, streamers: [], attendants: [] };

interface OpenedStreams {
  readonly streams: AppStreams;
  readonly writers: readonly number[];
  readonly attendants: readonly number[];
}

function openAppStreams({ directory, stdio, journal }: StreamsOf, app: string): OpenedStreams {
  const wanted = stdio()?.[app] ?? {};
  const isLogged = (name: 'stdout' | 'stderr') => wanted[name] === 'log' && !journal.includes(name);
  const logged = (['stdout', 'stderr'] as const).filter(isLogged);
  const { writer, ...log } = logged.length === 0 ? { writer: undefined } : openLog(directory, app, logged);
  for (const fd of Object.values(log)) fchmodSync(fd, 0o622); // an app of any user may open its /dev/stdout
  const attended = startAttendant(directory, app, wanted);
  return {
    streams: { ...nowhere(wanted), ...log, ...attended?.streams },
    writers: writer === undefined ? [] : [writer],
    attendants: attended === undefined ? [] : [attended.attendant],
  };
}

function nowhere(wanted: AppStdio): AppStreams {
  const names = NAMES.filter((name) => wanted[name] === 'null');
  return Object.fromEntries(names.map((name) => [name, openSync('/dev/null', constants.O_RDWR)]));
}

function closeStreams(streams: AppStreams): void {
  for (const fd of new Set(Object.values(streams))) closeSync(fd);
}
