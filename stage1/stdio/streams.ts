import { closeSync, constants, fchmodSync, openSync } from 'node:fs';
import type { AppStdio, Runtime } from '../../schema/pod-files.ts';
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
  /** The processes at their other ends. */
  readonly streamers: readonly number[];
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

export function openStreams(pod: StreamsOf, earlier: KeptStreams = { streams: {}, streamers: [] }): Streams {
  const open = new Map(Object.entries(earlier.streams));
  const streamers = [...earlier.streamers];
  return {
    of(app) {
      const known = open.get(app);
      if (known !== undefined) return known;
      const { streams, processes } = openAppStreams(pod, app);
      open.set(app, streams);
      streamers.push(...processes);
      return streams;
    },
    release(course, rules) {
      const needed = mayStart(course, rules);
      for (const [app, streams] of open) {
        if (needed.has(app)) continue;
        closeStreams(streams);
        open.set(app, {});
      }
    },
    kept: () => ({ streams: Object.fromEntries(open), streamers }),
  };
}

/** The standard files of an app with its own in their places. */
export function withOwn(
  stdio: Stdio,
  { stdin = stdio[0], stdout = stdio[1], stderr = stdio[2] }: AppStreams,
): Stdio {
  return [stdin, stdout, stderr];
}

interface OpenedStreams {
  readonly streams: AppStreams;
  readonly processes: readonly number[];
}

function openAppStreams({ directory, runtime, journal }: StreamsOf, app: string): OpenedStreams {
  const wanted = runtime.stdio?.[app] ?? {};
  const isLogged = (name: 'stdout' | 'stderr') => wanted[name] === 'log' && !journal.includes(name);
  const logged = (['stdout', 'stderr'] as const).filter(isLogged);
  const { writer, ...log } = logged.length === 0 ? { writer: undefined } : openLog(directory, app, logged);
  for (const fd of Object.values(log)) fchmodSync(fd, 0o622); // an app of any user may open its /dev/stdout
  return {
    streams: { ...nowhere(wanted), ...log },
    processes: writer === undefined ? [] : [writer],
  };
}

function nowhere(wanted: AppStdio): AppStreams {
  const names = NAMES.filter((name) => wanted[name] === 'null');
  return Object.fromEntries(names.map((name) => [name, openSync('/dev/null', constants.O_RDWR)]));
}

function closeStreams(streams: AppStreams): void {
  for (const fd of new Set(Object.values(streams))) closeSync(fd);
}
