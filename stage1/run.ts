import { constants, openSync } from 'node:fs';
import { libc } from '../linux/call.ts';
import { closeOnExec } from '../linux/descriptor.ts';
import { PR } from '../linux/prctl.ts';
import { openPty, type Pty } from '../linux/pty.ts';
import { blockSignals } from '../linux/signal.ts';
import { waitFor } from '../linux/wait.ts';
import type { Stdio } from './compile/stdio.ts';
import { startApp } from './supervisor/app.ts';
import { hostProgramRunner } from './supervisor/host-program.ts';
import { connectPod, disconnectPod } from './supervisor/network.ts';
import { type PodDocuments, readPod } from './supervisor/pod.ts';
import { type Sandbox, startSandbox } from './supervisor/sandbox.ts';
import { type StatusFiles, statusFiles } from './supervisor/status.ts';
import { supervise } from './supervisor/supervise.ts';
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
  const sandbox = startSandbox(documents.sandbox, pod.directory);
  const network = { ...pod, network: documents.network, run: hostProgramRunner(pod.lockFd) };
  try {
    connectPod(network, sandbox.pid);
    status.running(sandbox.pid);
    return runApps(documents, sandbox, status);
  } finally {
    endSandbox(sandbox, () => disconnectPod(network, sandbox.pid));
  }
}

/** `before` is done while its namespaces exist; whatever becomes of it, nothing of the pod is left running. */
function endSandbox({ pid }: Sandbox, before: () => void): void {
  try {
    before();
  } finally {
    process.kill(pid, 'SIGKILL');
    waitFor(pid);
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

function runApps(documents: PodDocuments, sandbox: Sandbox, status: StatusFiles): number {
  const { apps, runtime } = documents;
  const shared = (documents.sandbox.mounts ?? []).map(({ destination }) => destination);
  using pty = runtime.interactive ? openPty('/dev/ptmx') : undefined;
  const started = new Map<number, string>();
  for (const [name, config] of apps) {
    const { namespaces } = sandbox;
    const pid = startApp({ name, config, namespaces, shared, ...standardFiles(pty, apps.size) });
    started.set(pid, name);
    status.started(name);
  }
  status.ready();
  using terminal = connectTerminal(pty);
  const { graceMs } = runtime;
  const code = supervise({ pause: sandbox.pid, apps: started, status, graceMs, terminal });
  if (terminal) drainTerminal(terminal, DRAIN_MS);
  return code;
}

/** An app has our standard input when it is alone; with several nobody could say whose it is. */
function standardFiles(pty: Pty | undefined, apps: number): { stdio: Stdio; terminal?: number } {
  if (pty) return { stdio: [pty.slave, pty.slave, pty.slave], terminal: pty.slave };
  return { stdio: apps === 1 ? [0, 1, 2] : [nullInput(), 1, 2] };
}

let devNull: number | undefined;

function nullInput(): number {
  devNull ??= openSync('/dev/null', constants.O_RDONLY);
  return devNull;
}

function connectTerminal(pty: Pty | undefined): Terminal | undefined {
  pty?.closeSlave();
  return pty && openTerminal({ input: 0, output: 1, master: pty.master });
}
