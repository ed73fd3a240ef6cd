import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import type { NamespaceType } from '../../linux/namespace.ts';
import { formatJson } from '../../schema/format-json.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { phaseConfig } from '../handlers/phase-config.ts';
import { type Streams, terminalOf, withOwn } from '../stdio/streams.ts';
import type { KeptSockets } from '../systemd/kept-sockets.ts';
import type { Outputs } from '../systemd/outputs.ts';
import { startApp } from './app.ts';
import type { Phase } from './course.ts';
import type { Documents } from './documents.ts';
import { statusFiles } from './status.ts';
import type { StandardFiles } from './stdio.ts';

/** Starts an app, or a handler of it: its pid. */
export type StartPhase = (app: string, phase: Phase) => number;

/** What everything is started with that runs in a pod. */
export interface Starting {
  /** The pod's directory. */
  readonly directory: string;
  readonly documents: Documents;
  readonly namespaces: ReadonlyMap<NamespaceType, number>;
  /** The directories of each app's cgroup. */
  readonly cgroups: ReadonlyMap<string, readonly string[]>;
  readonly files: StandardFiles;
  readonly outputs: Outputs;
  readonly streams: Streams;
  readonly sockets: KeptSockets;
  /** What became of an app's config when the networks and the service manager had their say. */
  readonly change: (app: string, config: RuntimeConfig) => RuntimeConfig;
}

export function phaseStarter(starting: Starting): StartPhase {
  const { directory, documents, namespaces, cgroups, sockets, files } = starting;
  const status = statusFiles(directory);
  const shared = (documents.current.sandbox.mounts ?? []).map(({ destination }) => destination);
  return (name, phase) => {
    const life = documents.current.runtime.lives?.[name];
    const config = ownConfig(starting, name);
    const own = starting.streams.of(name);
    using output = starting.outputs.open(name, files.stdio, own);
    const pid = startApp({
      name,
      config: phaseConfig(config, life, phase),
      namespaces,
      shared,
      stdio: withOwn(output.stdio, own),
      ...(terminalOf(own) ?? { terminal: files.terminal }),
      cgroup: cgroups.get(name) ?? [],
      sockets: phase === 'main' ? sockets.of(name) : [],
    });
    if (phase === 'main') status.started(name, pid);
    return pid;
  };
}

/** What is started again later, perhaps after a sleep, and what enters the app, finds on the disk what it was started with. */
function ownConfig({ directory, documents, change }: Starting, name: string): RuntimeConfig {
  const written = documents.current.apps.get(name);
  if (written === undefined) throw new TypeError(`no app ${name}`);
  const config = change(name, written);
  if (config !== written)
    replaceFile(join(directory, 'apps', name, 'config.json'), formatJson(config), { sync: false });
  return config;
}
