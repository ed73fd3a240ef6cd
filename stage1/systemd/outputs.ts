import { reap } from '../../linux/wait.ts';
import type { Runtime } from '../../schema/pod-files.ts';
import type { Stdio } from '../compile/stdio.ts';
import type { AppStreams } from '../stdio/streams.ts';
import type { ManagerEnvironment } from './environment.ts';
import { type AppJournal, journalStreams, openAppJournal } from './journal.ts';

/** Where apps' output goes that is meant for the journal, of apps that are started now or again later. */
export interface Outputs {
  /** The standard files of an app, with the journal in the place of those of ours that lead there. */
  readonly open: (app: string, stdio: Stdio, own?: AppStreams) => AppJournal;
  /** Which streams of apps lead to the journal, unless an app has its own. */
  readonly streams: readonly ('stdout' | 'stderr')[];
  /** The processes at the other ends of such files. */
  readonly writers: () => readonly number[];
}

const BOTH = ['stdout', 'stderr'] as const;

/** `earlier`: the writers of before a sleep. */
export function openOutputs(
  uuid: string,
  runtime: Runtime,
  { journalStream }: ManagerEnvironment,
  earlier: readonly number[] = [],
): Outputs {
  const led = runtime.journal ? BOTH : journalStreams(journalStream);
  const streams = runtime.interactive ? [] : led;
  let writers = earlier;
  return {
    streams,
    open(app, stdio, own = {}) {
      const journal = openAppJournal(
        { pod: uuid, name: app },
        stdio,
        streams.filter((stream) => own[stream] === undefined),
      );
      writers = [...writers.filter((pid) => reap(pid) === undefined), ...journal.writers];
      return journal;
    },
    writers: () => writers,
  };
}
