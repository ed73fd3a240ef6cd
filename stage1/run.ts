import { libc } from '../linux/call.ts';
import { closeOnExec } from '../linux/descriptor.ts';
import { PR } from '../linux/prctl.ts';
import { openPty } from '../linux/pty.ts';
import { blockSignals, UNBLOCKABLE } from '../linux/signal.ts';
import { signalfd } from '../linux/signalfd.ts';
import { waitFor } from '../linux/wait.ts';
import { reservePorts } from './network/reserve-ports.ts';
import { startApp } from './supervisor/app.ts';
import { makePodCgroups, type PodCgroups, removePodCgroups } from './supervisor/cgroups.ts';
import { hostProgramRunner } from './supervisor/host-program.ts';
import { type Life, readLife } from './supervisor/life.ts';
import { type ConfigChange, connectPod, disconnectPod, type PodConnection } from './supervisor/network.ts';
import { type PodDocuments, readPod } from './supervisor/pod.ts';
import { type Sandbox, startSandbox } from './supervisor/sandbox.ts';
import { canSleep, fallAsleep } from './supervisor/sleep.ts';
import { statusFiles } from './supervisor/status.ts';
import { standardFiles } from './supervisor/stdio.ts';
import { supervise } from './supervisor/supervise.ts';
import { warn } from './supervisor/warn.ts';
import { drainTerminal, openTerminal, type Terminal } from './terminal/terminal.ts';

/** How long the user's terminal may take to show what an app printed last. */
const DRAIN_MS = 2000;

export interface PodToRun {
  readonly uuid: string;
  /** The pod's directory, absolute. */
  readonly directory: string;
  /** The inherited fd that holds the pod's lock. */
  readonly lockFd: number | undefined;
}

/**
 * Becomes the supervisor of a pod: starts its sandbox, networks and apps, waits, takes down what it made. Returns the
 * pod's exit status; throws when the pod could not be started, with nothing of it left running.
 */
export function runPod(pod: PodToRun): number {
  secureSupervisor(pod.lockFd);
  const documents = readPod(pod.directory);
  const status = statusFiles(pod.directory);
  for (const name of documents.apps.keys()) status.created(name);
  using ports = reservePorts(documents.network);
  const sandbox = startSandbox(documents.sandbox, pod.directory);
  const connection = connectionOf(pod, documents, sandbox.namespaces.get('network'));
  try {
    const change = connectPod(connection);
    const cgroups = makePodCgroups(pod.directory, documents);
    for (const warning of cgroups.warnings) warn(warning);
    status.running(sandbox.pid);
    return runApps(pod, { documents, sandbox, change, cgroups: cgroups.join, kept: ports.fds });
  } finally {
    end(sandbox.pid, connection);
  }
}

/** The supervisor wakes up: the pod runs, something happened. */
export function resumePod(pod: PodToRun): number {
  secureSupervisor(pod.lockFd);
  const life = readLife(pod.directory);
  for (const fd of [life.signals, life.netns, ...life.kept]) if (fd !== undefined) closeOnExec(fd);
  const documents = readPod(pod.directory);
  try {
    return attend(pod, documents, life);
  } finally {
    end(life.pause, connectionOf(pod, documents, life.netns));
  }
}

/**
 * Children share our memory until they exec: nothing in the pod may trace us, so we are not dumpable. Signals are blocked
 * already when stage0 started us.
 */
function secureSupervisor(lockFd: number | undefined): void {
  libc('prctl', [PR.PR_SET_DUMPABLE, 0, 0, 0, 0]);
  blockSignals();
  if (lockFd !== undefined) closeOnExec(lockFd);
}

function connectionOf(pod: PodToRun, { network }: PodDocuments, netns: number | undefined): PodConnection {
  return { ...pod, network, netns, run: hostProgramRunner(pod.lockFd) };
}

interface StartedPod {
  readonly documents: PodDocuments;
  readonly sandbox: Sandbox;
  readonly change: ConfigChange;
  readonly cgroups: PodCgroups['join'];
  readonly kept: readonly number[];
}

/** Starts the apps in their order and stays with them. The terminal is ready, with its size, before the app looks at it. */
function runApps(pod: PodToRun, { documents, sandbox, change, cgroups, kept }: StartedPod): number {
  const { apps: configs, runtime } = documents;
  const status = statusFiles(pod.directory);
  const shared = (documents.sandbox.mounts ?? []).map(({ destination }) => destination);
  using pty = runtime.interactive ? openPty('/dev/ptmx') : undefined;
  using terminal = pty && openTerminal({ input: 0, output: 1, master: pty.master });
  const { stdio, terminal: slave } = standardFiles(pty, configs.size);
  const apps: Record<string, number> = {};
  for (const [name, config] of configs) {
    const { namespaces } = sandbox;
    const cgroup = cgroups.get(name) ?? [];
    apps[name] = startApp({
      name,
      config: change(config),
      namespaces,
      shared,
      stdio,
      cgroup,
      terminal: slave,
    });
    status.started(name);
  }
  pty?.closeSlave();
  status.ready();
  const netns = sandbox.namespaces.get('network');
  const life = { pause: sandbox.pid, apps, signals: signalfd(UNBLOCKABLE), kept };
  return attend(pod, documents, netns === undefined ? life : { ...life, netns }, terminal);
}

/** Stays with the apps until the last has ended; asleep while nothing happens, unless there is a terminal to serve. */
function attend(pod: PodToRun, documents: PodDocuments, life: Life, terminal?: Terminal): number {
  const sleeps = terminal === undefined && canSleep();
  const code = supervise({
    pause: life.pause,
    apps: new Map(Object.entries(life.apps).map(([name, pid]) => [pid, name])),
    signals: life.signals,
    status: statusFiles(pod.directory),
    graceMs: documents.runtime.graceMs,
    terminal,
    whenQuiet: sleeps ? (running) => fallAsleep(pod, { ...life, apps: byName(running) }) : undefined,
  });
  if (terminal) drainTerminal(terminal, DRAIN_MS);
  return code;
}

function byName(running: ReadonlyMap<number, string>): Readonly<Record<string, number>> {
  return Object.fromEntries([...running].map(([pid, name]) => [name, pid]));
}

/** Whatever becomes of the networks, nothing of the pod is left running. */
function end(pause: number, connection: PodConnection): void {
  try {
    disconnectPod(connection);
  } finally {
    process.kill(pause, 'SIGKILL');
    waitFor(pause);
    removePodCgroups(connection.directory);
  }
}
