import { CLONE, NAMESPACES, type NamespaceType } from '../../linux/namespace.ts';
import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';
import { flags, type Program, type Step } from '../program/step.ts';
import type { SeccompFilter } from '../seccomp/filter.ts';
import { octal, shown } from './args.ts';
import { attachMount, makeParents, type Target } from './attach-mount.ts';
import { bindDevices, deviceSources } from './bound-devices.ts';
import { joinCgroup } from './cgroup.ts';
import { detachedMount } from './detached-mount.ts';
import { makeDevices } from './devices.ts';
import { execute, resetSignals, unblockSignals } from './exec.ts';
import { fork } from './fork.ts';
import { maskPaths, maskSources, protectPaths } from './hide-paths.ts';
import { dropPrivileges, setRlimits } from './privileges.ts';
import { enslave, mountRoot, pivotRoot, readonlyRoot } from './root.ts';
import { loadFilter, untilFiltered } from './seccomp.ts';
import {
  closeOthers,
  newSession,
  passSockets,
  type Stdio,
  setStdio,
  takeTerminal,
  terminalMount,
  writeFile,
} from './stdio.ts';

/** What the supervisor has at hand for an app. */
export interface AppContext {
  readonly name: string;
  /** The sandbox's namespaces to join, in the order of joining, by open fds. */
  readonly join: readonly { readonly type: NamespaceType; readonly fd: number }[];
  readonly stdio: Stdio;
  /** The listening sockets it is given, by our fds, and the pid it must have, for they are meant for that process. */
  readonly sockets?: { readonly fds: readonly number[]; readonly pid: number };
  /** The path of the app's pseudo terminal on the host, where it has one; it is its stdio, too. */
  readonly terminal?: string;
  /** The cgroup to be in, by its directories. */
  readonly cgroup: readonly string[];
  /** The seccomp filter of the app. */
  readonly filter?: SeccompFilter;
  /** Signals we ignore and the app must not. */
  readonly ignoredSignals: readonly number[];
  /** Set where the app is in a user namespace other than the host's first one: what root cannot do there. */
  readonly userNamespace?: UserNamespaceLimits | undefined;
  /** Which bind sources are directories: the targets are made alike. */
  readonly isDirectory: (source: string) => boolean;
}

export interface UserNamespaceLimits {
  /** false: the kernel denies setgroups(2), and the app keeps the groups of the caller. */
  readonly canSetGroups: boolean;
}

/**
 * The spawn program of an app from its runtime-spec config: join the sandbox, fork into it, build the root file system,
 * become the app. Pure. The supervisor is the parent of the forked child (CLONE_PARENT).
 */
export function compileApp(config: RuntimeConfig, context: AppContext): Program {
  const { process } = config;
  if (process === undefined) throw new Error('an app needs a process');
  const sockets = context.sockets?.fds ?? [];
  return {
    name: `app ${JSON.stringify(context.name)}`,
    steps: [
      ...joinCgroup({ join: context.cgroup }),
      ...joinSandbox(context),
      fork(ownNamespaces(config), context.sockets?.pid),
      newSession,
      enslave,
      ...(process.oomScoreAdj === undefined
        ? []
        : writeFile('/proc/self/oom_score_adj', `${process.oomScoreAdj}`, 'set oom_score_adj')),
      ...setRlimits(process),
      ...fileSystems(config, context),
      ...makeParents(`${process.cwd}/.`),
      ...setStdio(context.stdio),
      ...(context.terminal === undefined
        ? []
        : takeTerminal(process.user.uid, context.userNamespace !== undefined)),
      ...passSockets(sockets),
      closeOthers(sockets.length),
      ...dropPrivileges(context.filter ? untilFiltered(process) : process, canSetGroups(context)),
      changeDirectory(process.cwd),
      ...resetSignals(context.ignoredSignals),
      unblockSignals,
      ...(context.filter ? [loadFilter(context.filter)] : []),
      ...execute(process),
    ],
  };
}

function joinSandbox({ join }: AppContext): readonly Step[] {
  return join.map(({ type, fd }) => ({
    call: 'setns',
    args: [shown(fd, `sandbox/ns/${NAMESPACES[type].file}`), flags(CLONE, NAMESPACES[type].flag)],
    what: `join the pod's ${type} namespace`,
  }));
}

/** The namespaces that are the app's own: those its config names without a path. */
function ownNamespaces({ linux }: RuntimeConfig): readonly (keyof typeof CLONE)[] {
  return (linux?.namespaces ?? []).filter(({ path }) => !path).map(({ type }) => NAMESPACES[type].flag);
}

interface NamedMount {
  readonly name: string;
  readonly mount: Mount;
}

/** Mounts are made while the host is in view, then the root is changed, then they are attached inside. */
function fileSystems(config: RuntimeConfig, context: AppContext): readonly Step[] {
  const { root, linux, mounts = [] } = config;
  const path = root?.path ?? '';
  const mine = mounts
    .filter(({ destination }) => destination !== '/')
    .map((mount, i) => ({ name: `mount${i}`, mount }));
  const masked = linux?.maskedPaths ?? [];
  const mounted = mine.map(({ name, mount }) => ({ name, destination: mount.destination }));
  return [
    ...mountRoot(
      path,
      mounts.find(({ destination }) => destination === '/'),
    ),
    ...mine.flatMap(({ name, mount }) => detachedMount(mount, name)),
    ...maskSources(masked),
    ...(context.userNamespace === undefined ? [] : deviceSources(linux?.devices ?? [])),
    ...(context.terminal === undefined ? [] : [terminalMount(context.terminal, 'console')]),
    ...pivotRoot(path),
    { call: 'umask', args: [octal(0)] },
    ...mine.flatMap((named) => attach(named, config, context)),
    ...(context.terminal === undefined ? [] : attachMount('console', CONSOLE)),
    ...protectPaths(linux?.readonlyPaths ?? [], mounted),
    ...maskPaths(masked, mounted),
    ...(root?.readonly ? [readonlyRoot] : []),
  ];
}

const CONSOLE: Target = { path: '/dev/console', kind: 'file', links: 'refuse' };

function attach({ name, mount }: NamedMount, config: RuntimeConfig, context: AppContext): readonly Step[] {
  const { destination } = mount;
  const isFile = isBind(mount) && !context.isDirectory(mount.source ?? '');
  const links = ['/proc', '/sys', '/dev'].includes(destination) ? 'refuse' : 'follow';
  return [
    ...attachMount(name, { path: destination, kind: isFile ? 'file' : 'directory', links }),
    ...(destination === '/dev' && mount.type === 'tmpfs' ? fillDev(config, context) : []),
  ];
}

function fillDev({ linux }: RuntimeConfig, { userNamespace }: AppContext): readonly Step[] {
  const devices = linux?.devices ?? [];
  return userNamespace === undefined ? makeDevices(devices) : bindDevices(devices);
}

function canSetGroups({ userNamespace }: AppContext): boolean {
  return userNamespace?.canSetGroups ?? true;
}

function isBind({ type, options = [] }: Mount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind');
}

function changeDirectory(cwd: string): Step {
  return { call: 'chdir', args: [{ text: cwd }], what: `change directory to ${cwd}` };
}
