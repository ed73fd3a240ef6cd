import { readFileSync, statSync, writeSync } from 'node:fs';
import { ignoredSignals } from '../linux/ignored-signals.ts';
import { isInitialUserNamespace, readNamespaceIds } from '../linux/user-namespace.ts';
import type { RuntimeConfig } from '../schema/runtime-config.ts';
import { compileFly, type FlyContext } from './compile/fly.ts';
import { decodeDocuments } from './dry-run.ts';
import { listing } from './program/listing.ts';
import { runInPlace } from './program/run-in-place.ts';
import type { PodToRun } from './supervisor/attend.ts';
import { readPod } from './supervisor/pod.ts';
import { statusFiles } from './supervisor/status.ts';
import { flyService } from './systemd/fly.ts';

/** A pod that cannot be run by fly. */
class FlyError extends Error {
  readonly code = 'ERR_FLY';
}

/**
 * Becomes the app of a pod of flavor fly: this process is the pod, its app and its supervisor. There is nobody to record
 * how it ends. Returns only by throwing.
 */
export function flyPod({ directory, lockFd }: PodToRun): never {
  const { apps, runtime } = readPod(directory);
  const [name, written] = onlyApp([...apps]);
  const { config, sockets, announce } = flyService(name, written, runtime, process.env);
  const program = compileFly(config, { ...flyContext(name, lockFd), sockets });
  const status = statusFiles(directory);
  status.created(name);
  status.running(process.pid);
  status.started(name, process.pid);
  status.ready();
  announce();
  return runInPlace(program);
}

/** Prints the program of the pod on standard input; nothing else happens. */
export function flyDryRun(): number {
  const [name, config] = onlyApp(Object.entries(decodeDocuments(readFileSync(0)).apps));
  writeSync(1, `${listing(compileFly(config, flyContext(name, LOCK)))}\n`);
  return 0;
}

/** A file descriptor that does not exist yet. */
const LOCK = 10;

function onlyApp(apps: readonly (readonly [string, RuntimeConfig])[]): readonly [string, RuntimeConfig] {
  const [app, ...others] = apps;
  if (app === undefined || others.length > 0) throw new FlyError('fly runs pods of one app');
  return app;
}

function flyContext(name: string, lock: number | undefined): FlyContext {
  return {
    name,
    lock,
    sockets: [],
    ignoredSignals: ignoredSignals(),
    userNamespace: isInitialUserNamespace() ? undefined : { canSetGroups: readNamespaceIds().canSetGroups },
    isDirectory: (source) => statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? false,
  };
}
