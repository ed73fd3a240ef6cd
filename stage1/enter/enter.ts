import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { libc } from '../../linux/call.ts';
import { closeOnExec } from '../../linux/descriptor.ts';
import { ignoredSignals } from '../../linux/ignored-signals.ts';
import { scopeAbstractSockets } from '../../linux/landlock.ts';
import { PR } from '../../linux/prctl.ts';
import { pidOf } from '../../linux/process-status.ts';
import type { Pty } from '../../linux/pty.ts';
import { blockSignals } from '../../linux/signal.ts';
import { isInitialUserNamespace } from '../../linux/user-namespace.ts';
import { decodeJson } from '../../schema/json.ts';
import { type Runtime, runtime } from '../../schema/pod-files.ts';
import { type Process, type RuntimeConfig, runtimeConfig } from '../../schema/runtime-config.ts';
import { compileEnter, type EnterContext } from '../compile/enter.ts';
import { startChild } from '../program/start-child.ts';
import { cachedFilter, filterCacheDirectory } from '../seccomp/filter-cache.ts';
import { recordedCgroups } from '../supervisor/cgroups.ts';
import { openTerminal } from '../terminal/terminal.ts';
import { surroundingsOf } from './app-process.ts';
import { openAppPty } from './app-pty.ts';
import { stayWith } from './stay-with.ts';

/** A command to run in an app of a running pod. */
export interface Entrance {
  /** The pod's directory, absolute. */
  readonly directory: string;
  readonly app: string;
  /** A pidfd of the app's first process: stage0 has made sure that it is. */
  readonly process: number | undefined;
  readonly privileged: boolean;
  readonly terminal: boolean;
  readonly command: readonly string[];
}

/** Runs a command in an app, and returns the status it ends with: 128+N for signal N. */
export function enterApp(entrance: Entrance): number {
  libc('prctl', [PR.PR_SET_DUMPABLE, 0, 0, 0, 0]); // the child shares our memory: nothing in the pod may trace us
  blockSignals();
  if (readRuntime(entrance.directory).ownSockets) scopeAbstractSockets();
  const process = requireProcess(entrance.process);
  const config = readConfig(entrance.directory, entrance.app);
  using pty = entrance.terminal ? openAppPty(process.pid) : undefined;
  using terminal = pty && openTerminal({ input: 0, output: 1, master: pty.master });
  const own = ownProcess(config, entrance);
  const child = startChild(compileEnter(own, contextOf(entrance, config, { process, pty })));
  pty?.closeSlave();
  return stayWith(child, terminal);
}

interface AppProcess {
  readonly fd: number;
  readonly pid: number;
}

function requireProcess(fd: number | undefined): AppProcess {
  const pid = fd === undefined ? -1 : pidOf(fd);
  if (fd === undefined || pid <= 0) throw new AppEnded();
  closeOnExec(fd);
  return { fd, pid };
}

class AppEnded extends Error {
  readonly code = 'ESRCH';
  constructor() {
    super('enter: the app has ended');
  }
}

function readConfig(directory: string, app: string): RuntimeConfig {
  const file = `apps/${app}/config.json`;
  return decodeJson(readFileSync(join(directory, file)), runtimeConfig, { what: file });
}

function readRuntime(directory: string): Runtime {
  return decodeJson(readFileSync(join(directory, 'runtime.json')), runtime, { what: 'runtime.json' });
}

/** The app's own process with another command: or, privileged, root with all capabilities the caller has. */
function ownProcess(config: RuntimeConfig, { privileged, command, terminal }: Entrance): Process {
  const { process: app } = config;
  if (app === undefined) throw new TypeError('an app needs a process');
  const term = process.env['TERM'];
  const env = terminal && term !== undefined ? [...(app.env ?? []), `TERM=${term}`] : (app.env ?? []);
  if (!privileged) return { ...app, args: command, env, terminal };
  const { capabilities: _, ...others } = app; // none are named, so all that the caller has are kept
  return { ...others, args: command, env, terminal, user: { uid: 0, gid: 0 }, noNewPrivileges: false };
}

function contextOf(
  { app, privileged, directory }: Entrance,
  { linux }: RuntimeConfig,
  { process: target, pty }: { readonly process: AppProcess; readonly pty: Pty | undefined },
): EnterContext {
  const { namespaces, cgroups } = surroundingsOf(target.pid);
  const limits = recordedCgroups(directory);
  const seccomp = privileged ? undefined : linux?.seccomp;
  const cache = filterCacheDirectory(process.geteuid?.() ?? 0, process.env['XDG_RUNTIME_DIR']);
  return {
    name: app,
    process: target.fd,
    namespaces,
    timeOffsets: linux?.timeOffsets,
    cgroups: cgroups.map((path) => ({ directory: path, mustJoin: isAtOrBelow(path, limits) })),
    stdio: pty === undefined ? [0, 1, 2] : [pty.slave, pty.slave, pty.slave],
    hasTerminal: pty !== undefined,
    filter: seccomp && cachedFilter(seccomp, cache),
    ignoredSignals: ignoredSignals(),
    userNamespace: limitsOf(target.pid, namespaces.includes('user')),
  };
}

function isAtOrBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path === directory || path.startsWith(`${directory}/`));
}

function limitsOf(pid: number, isForeign: boolean) {
  if (!isForeign && isInitialUserNamespace()) return undefined;
  return { canSetGroups: readFileSync(`/proc/${pid}/setgroups`, 'utf8').trim() === 'allow' };
}
