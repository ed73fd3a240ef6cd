import { readFileSync, writeSync } from 'node:fs';
import { ignoredSignals } from '../linux/ignored-signals.ts';
import type { NamespaceType } from '../linux/namespace.ts';
import { object, record } from '../schema/decode.ts';
import { decodeJson } from '../schema/json.ts';
import { podNetwork, runtime } from '../schema/pod-files.ts';
import { type RuntimeConfig, runtimeConfig } from '../schema/runtime-config.ts';
import { compileApp } from './compile/app.ts';
import { compileSandbox } from './compile/sandbox.ts';
import type { Stdio } from './compile/stdio.ts';
import { listing } from './program/listing.ts';
import { appContext } from './supervisor/app.ts';
import { plannedCgroups } from './supervisor/cgroups.ts';
import { shareProc } from './supervisor/shared-proc.ts';

/** The documents of a pod as one, as stage0 gives them to a dry run. */
const documents = object({
  sandbox: runtimeConfig,
  network: podNetwork,
  runtime,
  apps: record(runtimeConfig),
});

/** Reads a pod's documents from standard input and prints its spawn programs; nothing else happens. */
export function dryRun(): number {
  const { apps: given, ...rest } = decodeDocuments(readFileSync(0));
  const pod = shareProc({ ...rest, apps: new Map(Object.entries(given)) }, 'POD/proc');
  const { sandbox, apps, runtime: settings } = pod;
  const programs = [
    compileSandbox(sandbox, { go: GO, goWriter: GO_WRITER, ready: READY, pause: PAUSE }),
    ...[...apps].map(([name, config]) => {
      const start = appStart(name, config, sandbox, settings.interactive);
      return compileApp(
        config,
        appContext(start, { ignoredSignals: ignoredSignals(), filterCache: undefined }),
      );
    }),
  ];
  writeSync(1, `${programs.map(listing).join('\n\n')}\n`);
  return 0;
}

/** The documents of a pod from standard input. */
export function decodeDocuments(bytes: Buffer) {
  return decodeJson(bytes, documents, { what: 'the pod on standard input' });
}

/** File descriptors that do not exist yet, by numbers a reader can tell apart. */
const GO = 10;
const GO_WRITER = 14;
const READY = 11;
const PAUSE = 12;
const TERMINAL = 13;
const FIRST_NAMESPACE = 20;

function appStart(name: string, config: RuntimeConfig, sandbox: RuntimeConfig, interactive: boolean) {
  const made = (sandbox.linux?.namespaces ?? []).filter(({ path }) => !path).map(({ type }) => type);
  const namespaces = new Map<NamespaceType, number>(made.map((type, i) => [type, FIRST_NAMESPACE + i]));
  const stdio: Stdio = interactive ? [TERMINAL, TERMINAL, TERMINAL] : [0, 1, 2];
  const shared = (sandbox.mounts ?? []).map(({ destination }) => destination);
  const cgroup = plannedCgroups(sandbox, new Map([[name, config]])).get(name) ?? [];
  return {
    name,
    config,
    namespaces,
    stdio,
    cgroup,
    shared,
    ...(interactive ? { terminal: '/dev/pts/N' } : {}),
  };
}
