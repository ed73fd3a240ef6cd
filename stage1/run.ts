import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { libc } from '../linux/call.ts';
import { closeOnExec } from '../linux/descriptor.ts';
import { endBySignal } from '../linux/end-by-signal.ts';
import { scopeAbstractSockets } from '../linux/landlock.ts';
import { monotonicMilliseconds } from '../linux/monotonic-clock.ts';
import { PR } from '../linux/prctl.ts';
import { openPty } from '../linux/pty.ts';
import { blockSignals, UNBLOCKABLE } from '../linux/signal.ts';
import { signalfd } from '../linux/signalfd.ts';
import { openChanging } from './control/changing.ts';
import { listenForControl } from './control/socket.ts';
import { hostAddress, withMetadataUrl } from './network/metadata-url.ts';
import { reservePorts } from './network/reserve-ports.ts';
import { openStreams, type Streams, writersOf } from './stdio/streams.ts';
import { type Attendance, attend, type PodToRun } from './supervisor/attend.ts';
import { makePodCgroups, type PodCgroups } from './supervisor/cgroups.ts';
import { begin, type Course, firstPhase, type Rules, started } from './supervisor/course.ts';
import { type Documents, openDocuments } from './supervisor/documents.ts';
import { hostProgramRunner } from './supervisor/host-program.ts';
import { descriptorsOf, type Life, namespacesOf, readLife, writtenCourse } from './supervisor/life.ts';
import { type ConfigChange, connectPod, type PodConnection } from './supervisor/network.ts';
import { type Sandbox, startSandbox } from './supervisor/sandbox.ts';
import { phaseStarter, type StartPhase } from './supervisor/start-phase.ts';
import { statusFiles } from './supervisor/status.ts';
import { standardFiles } from './supervisor/stdio.ts';
import type { PodEnd } from './supervisor/supervise.ts';
import { takeDown } from './supervisor/take-down.ts';
import { warn } from './supervisor/warn.ts';
import { managerEnvironment } from './systemd/environment.ts';
import { keepSockets } from './systemd/kept-sockets.ts';
import { type Outputs, openOutputs } from './systemd/outputs.ts';
import { settle } from './systemd/placement.ts';
import { openService, type Service } from './systemd/service.ts';
import { withoutCgroups } from './systemd/without-cgroups.ts';
import { openTerminal } from './terminal/terminal.ts';

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
  const documents = openDocuments(pod.directory, sharedProc(pod.directory));
  const { current } = documents;
  if (current.runtime.ownSockets) scopeAbstractSockets();
  const status = statusFiles(pod.directory);
  for (const name of current.apps.keys()) status.created(name);
  const manager = managerEnvironment(process.env, process.pid);
  const service = openService(pod.directory, current.runtime, manager);
  const outputs = openOutputs(pod.uuid, current.runtime, manager);
  const streams = streamsOf(pod, documents, outputs);
  using ports = reservePorts(current.network);
  const placement = settle(pod.uuid);
  mkdirSync(sharedProc(pod.directory), { recursive: true });
  const sandbox = startSandbox(current.sandbox);
  const connection = connectionOf(pod, documents, sandbox.namespaces.get('network'));
  try {
    const change = connectPod(connection);
    const host = hostAddress(pod.directory, current.network);
    const connected: ConfigChange = (config) => withMetadataUrl(change(config), current.runtime, host);
    const cgroups = makePodCgroups(pod.directory, current, placement);
    for (const warning of cgroups.warnings) warn(warning);
    status.running(sandbox.pid);
    return runApps(pod, {
      documents,
      sandbox,
      service,
      outputs,
      streams,
      change: cgroups.mayMakeDevices ? connected : (config) => withoutCgroups(connected(config)),
      cgroups,
      kept: ports.fds,
    });
  } finally {
    takeDown(sandbox.pid, writersOf(outputs, streams), connection);
  }
}

function sharedProc(podDirectory: string): string {
  return join(podDirectory, 'proc');
}

function continuePod(pod: PodToRun): PodEnd {
  secureSupervisor(pod.lockFd);
  const life = readLife(pod.directory);
  for (const fd of descriptorsOf(life)) closeOnExec(fd);
  const documents = openDocuments(pod.directory, sharedProc(pod.directory));
  const manager = managerEnvironment(process.env, process.pid);
  const outputs = openOutputs(pod.uuid, documents.current.runtime, manager, life.writers);
  const streams = streamsOf(pod, documents, outputs, life);
  const cgroups = new Map(Object.entries(life.cgroups));
  try {
    const sockets = keepSockets(Object.entries(life.sockets));
    const changing = life.mutable && openChanging(pod.directory, documents, life.mutable, cgroups);
    const kept = { outputs, streams, sockets, changing };
    const start = laterStarter(pod, { documents, life, cgroups }, kept);
    return attend(pod, documents, life, { isNew: false, start, ...kept });
  } finally {
    takeDown(
      life.pause,
      writersOf(outputs, streams),
      connectionOf(pod, documents, life.namespaces['network']),
    );
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

function connectionOf(pod: PodToRun, { current }: Documents, netns: number | undefined): PodConnection {
  const { network, runtime } = current;
  const run = hostProgramRunner(pod.lockFd);
  return { ...pod, network, metadataPort: runtime.metadata?.port, netns, run };
}

function streamsOf({ directory }: PodToRun, documents: Documents, outputs: Outputs, earlier?: Life): Streams {
  const stdio = () => documents.current.runtime.stdio;
  return openStreams({ directory, stdio, journal: outputs.streams }, earlier);
}

interface StartedPod {
  readonly documents: Documents;
  readonly sandbox: Sandbox;
  readonly service: Service;
  readonly outputs: Outputs;
  readonly streams: Streams;
  readonly change: ConfigChange;
  readonly cgroups: PodCgroups;
  readonly kept: readonly number[];
}

/** Starts the apps in their order and stays with them. The terminal is ready, with its size, before the app looks at it. */
function runApps(
  pod: PodToRun,
  { documents, sandbox, service, outputs, streams, change, cgroups: made, kept }: StartedPod,
): PodEnd {
  const { apps, runtime } = documents.current;
  using pty = runtime.interactive ? openPty('/dev/ptmx') : undefined;
  using terminal = pty && openTerminal({ input: 0, output: 1, master: pty.master });
  const { namespaces } = sandbox;
  const cgroups = new Map(made.join);
  const mutable = runtime.mutable && { control: listenForControl(), place: made.place, own: {}, roots: [] };
  const changing = mutable && openChanging(pod.directory, documents, mutable, cgroups);
  const start = phaseStarter({
    directory: pod.directory,
    documents,
    namespaces,
    cgroups,
    files: standardFiles(pty, runtime.mutable ? 0 : apps.size),
    outputs,
    streams,
    sockets: service.sockets,
    change: changing?.change ?? ((name, config) => service.change(name, change(config))),
  });
  const { rules } = documents;
  const course = startAll([...apps.keys()], rules, start);
  if (runtime.lives === undefined) pty?.closeSlave(); // nothing will be started any more
  const { speakers, sockets } = service;
  sockets.release(course, rules);
  const life: Life = {
    ...NEW_LIFE,
    pause: sandbox.pid,
    course: writtenCourse(course),
    signals: signalfd(UNBLOCKABLE),
    namespaces: Object.fromEntries(namespaces),
    cgroups: Object.fromEntries(cgroups),
    ...(mutable && { mutable }),
    kept,
    speakers,
  };
  return attend(pod, documents, life, {
    terminal,
    isNew: true,
    ...{ start, outputs, streams, sockets, changing },
  });
}

/** What a pod has of that only later. */
const NEW_LIFE = { writers: [], streams: {}, streamers: [], attendants: [], sockets: {}, isMachine: false };

function startAll(names: readonly string[], rules: Rules, start: StartPhase): Course {
  let course = begin(new Map());
  for (const app of names) {
    const phase = firstPhase(rules.apps[app]);
    course = started(course, start(app, phase), { app, phase, since: monotonicMilliseconds() });
  }
  return course;
}

interface ResumedPod {
  readonly documents: Documents;
  readonly life: Life;
  readonly cgroups: ReadonlyMap<string, readonly string[]>;
}

/** After a sleep: what is started again finds all it needs in the life of the pod. */
function laterStarter(
  { directory }: PodToRun,
  { documents, life, cgroups }: ResumedPod,
  { changing, ...kept }: Pick<Attendance, 'outputs' | 'streams' | 'sockets' | 'changing'>,
): StartPhase {
  return phaseStarter({
    directory,
    documents,
    namespaces: namespacesOf(life),
    cgroups,
    files: standardFiles(undefined, changing === undefined ? documents.current.apps.size : 0),
    ...kept,
    change: changing?.change ?? ((_, config) => config),
  });
}
