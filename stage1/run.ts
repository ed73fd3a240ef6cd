import { libc } from '../linux/call.ts';
import { closeOnExec } from '../linux/descriptor.ts';
import { endBySignal } from '../linux/end-by-signal.ts';
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
import { type PodEnd, supervise } from './supervisor/supervise.ts';
import { warn } from './supervisor/warn.ts';
import { managerEnvironment } from './systemd/environment.ts';
import { endWriters } from './systemd/journal.ts';
import { openManager } from './systemd/manager.ts';
import { openService, type Service } from './systemd/service.ts';
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
  return leave(startPod(pod));
}

/** The supervisor wakes up: the pod runs, something happened. */
export function resumePod(pod: PodToRun): number {
  return leave(continuePod(pod));
}

/** A service manager that executed us itself learns of the signal that ended an app by the same signal ending us. */
function leave({ status, signal }: PodEnd): number {
  if (signal !== undefined && managerEnvironment(process.env, process.pid).isParent) endBySignal(signal);
  return status;
}

function startPod(pod: PodToRun): PodEnd {
  secureSupervisor(pod.lockFd);
  const documents = readPod(pod.directory);
  const status = statusFiles(pod.directory);
  for (const name of documents.apps.keys()) status.created(name);
  const manager = managerEnvironment(process.env, process.pid);
  const service = openService(pod, documents.runtime, manager);
  using ports = reservePorts(documents.network);
  const sandbox = startSandbox(documents.sandbox);
  const connection = connectionOf(pod, documents, sandbox.namespaces.get('network'));
  try {
    const change = connectPod(connection);
    const cgroups = makePodCgroups(pod.directory, documents);
    for (const warning of cgroups.warnings) warn(warning);
    status.running(sandbox.pid);
    return runApps(pod, { documents, sandbox, service, change, cgroups: cgroups.join, kept: ports.fds });
  } finally {
    takeDown(sandbox.pid, service.writers, connection);
  }
}

function continuePod(pod: PodToRun): PodEnd {
  secureSupervisor(pod.lockFd);
  const life = readLife(pod.directory);
  const sockets = life.speakers.map(({ socket }) => socket);
  for (const fd of [life.signals, life.netns, ...sockets, ...life.kept])
    if (fd !== undefined) closeOnExec(fd);
  const documents = readPod(pod.directory);
  try {
    return attend(pod, documents, life, { isNew: false });
  } finally {
    takeDown(life.pause, life.writers, connectionOf(pod, documents, life.netns));
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
  readonly service: Service;
  readonly change: ConfigChange;
  readonly cgroups: PodCgroups['join'];
  readonly kept: readonly number[];
}

/** Starts the apps in their order and stays with them. The terminal is ready, with its size, before the app looks at it. */
function runApps(pod: PodToRun, started: StartedPod): PodEnd {
  const { documents, sandbox, service, change, cgroups, kept } = started;
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
    using output = service.openOutput(name, stdio);
    const pid = startApp({
      name,
      config: service.change(name, change(config)),
      namespaces,
      shared,
      stdio: output.stdio,
      cgroup,
      sockets: service.sockets.get(name) ?? [],
      terminal: slave,
    });
    apps[name] = pid;
    status.started(name, pid);
  }
  pty?.closeSlave();
  service.started();
  const netns = sandbox.namespaces.get('network');
  const { speakers, writers } = service;
  const life = { pause: sandbox.pid, apps, signals: signalfd(UNBLOCKABLE), kept, speakers, writers };
  return attend(pod, documents, netns === undefined ? life : { ...life, netns }, { terminal, isNew: true });
}

interface Attendance {
  readonly terminal?: Terminal | undefined;
  /** The apps have just been started. */
  readonly isNew: boolean;
}

/** Stays with the apps until the last has ended; asleep while nothing happens, unless there is a terminal to serve. */
function attend(pod: PodToRun, documents: PodDocuments, life: Life, { terminal, isNew }: Attendance): PodEnd {
  const sleeps = terminal === undefined && canSleep();
  const status = statusFiles(pod.directory);
  const manager = openManager({
    environment: managerEnvironment(process.env, process.pid),
    speakers: life.speakers,
    apps: Object.keys(life.apps),
    onReady: status.ready,
  });
  if (isNew) manager.started();
  const sleep = (running: ReadonlyMap<number, string>) =>
    fallAsleep(
      pod,
      { ...life, apps: byName(running), speakers: manager.speakers },
      manager.patience(performance.now()),
    );
  const end = supervise({
    pause: life.pause,
    apps: new Map(Object.entries(life.apps).map(([name, pid]) => [pid, name])),
    signals: life.signals,
    status,
    graceMs: documents.runtime.graceMs,
    terminal,
    manager,
    whenQuiet: sleeps ? sleep : undefined,
  });
  if (terminal) drainTerminal(terminal, DRAIN_MS);
  return end;
}

function byName(running: ReadonlyMap<number, string>): Readonly<Record<string, number>> {
  return Object.fromEntries([...running].map(([pid, name]) => [name, pid]));
}

/** Whatever becomes of the networks, nothing of the pod is left running, and what it printed has reached the journal. */
function takeDown(pause: number, writers: readonly number[], connection: PodConnection): void {
  try {
    disconnectPod(connection);
  } finally {
    process.kill(pause, 'SIGKILL');
    waitFor(pause);
    endWriters(writers);
    removePodCgroups(connection.directory);
  }
}
