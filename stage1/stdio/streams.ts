import { closeSync, constants, fchmodSync, openSync, readlinkSync } from 'node:fs';
import { isTerminal } from '../../linux/tty.ts';
import type { AppStdio, Runtime } from '../../schema/pod-files.ts';
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
  readonly attendants: readonly number[];
}

/** The standard streams of apps that lead elsewhere than ours. */
export interface Streams {
  /** Those of an app; made when it is started for the first time. */
  readonly of: (app: string) => AppStreams;
  /** Closes what no app will be started with any more, so that whoever reads at the other end sees the end. */
  readonly release: (course: Course, rules: Rules) => void;
  readonly kept: () => KeptStreams;
}

export interface StreamsOf {
  /** The pod's directory. */
  readonly directory: string;
  readonly runtime: Runtime;
  /** Which streams the journal takes; a log is that, where it does. */
  readonly journal: readonly Name[];
}

export function openStreams(pod: StreamsOf, earlier: KeptStreams = NONE): Streams {
  const open = new Map(Object.entries(earlier.streams));
  const streamers = [...earlier.streamers];
  const attendants = [...earlier.attendants];
  return {
    of(app) {
      const known = open.get(app);
      if (known !== undefined) return known;
      const { streams, writers, attendants: more } = openAppStreams(pod, app);
      open.set(app, streams);
      streamers.push(...writers);
      attendants.push(...more);
      return streams;
    },
    release(course, rules) {
      const needed = mayStart(course, rules);
      for (const [app, streams] of open) {
        if (needed.has(app)) continue;
        closeStreams(streams);
        open.delete(app);
      }
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
  return { writers: [...outputs.writers(), ...streamers], attendants };
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

function openAppStreams({ directory, runtime, journal }: StreamsOf, app: string): OpenedStreams {
  const wanted = runtime.stdio?.[app] ?? {};
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
