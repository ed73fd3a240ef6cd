import { closeSync } from 'node:fs';
import type { Runtime } from '../../schema/pod-files.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Stdio } from '../compile/stdio.ts';
import { openSpeakers, withNotifySocket } from './app-notify.ts';
import type { ManagerEnvironment } from './environment.ts';
import { type AppJournal, journalStreams, openAppJournal } from './journal.ts';
import { assignSockets, type GivenSocket, takeSockets } from './sockets.ts';
import type { Speaker } from './speaker.ts';

/** What a pod's apps get of the service manager that started the pod. */
export interface Service {
  readonly speakers: readonly Speaker[];
  /** The listening sockets of each app. */
  readonly sockets: ReadonlyMap<string, readonly GivenSocket[]>;
  /** An app's config with what it needs to speak to the manager. */
  readonly change: (app: string, config: RuntimeConfig) => RuntimeConfig;
  /** The standard files of an app, with the journal in the place of those of ours that lead there. */
  readonly openOutput: (app: string, stdio: Stdio) => AppJournal;
  /** The processes at the other ends of such files, so far. */
  readonly writers: readonly number[];
  /** All apps were started: sockets are theirs. */
  readonly started: () => void;
}

export interface ServedPod {
  readonly uuid: string;
  /** Our working directory, absolute. */
  readonly directory: string;
}

export function openService(pod: ServedPod, runtime: Runtime, manager: ManagerEnvironment): Service {
  const { uuid, directory: podDirectory } = pod;
  const speakers = openSpeakers(runtime.notify ?? []);
  const given = takeSockets(process.env, process.pid);
  const sockets = assignSockets(given, runtime.sockets ?? {});
  const writers: number[] = [];
  const streams = journalStreams(manager.journalStream);
  return {
    speakers,
    sockets,
    writers,
    openOutput(app, stdio) {
      const journal = openAppJournal({ pod: uuid, name: app }, stdio, runtime.interactive ? [] : streams);
      writers.push(...journal.writers);
      return journal;
    },
    change(app, config) {
      const index = speakers.findIndex((speaker) => speaker.app === app);
      const { watchdogMs } = manager;
      return index === -1 ? config : withNotifySocket(config, { podDirectory, index, watchdogMs });
    },
    started: () => {
      for (const { fd } of given) closeSync(fd);
    },
  };
}
