import { statSync } from 'node:fs';
import { ignoredSignals } from '../../linux/ignored-signals.ts';
import type { NamespaceType } from '../../linux/namespace.ts';
import { isInitialUserNamespace, readNamespaceIds } from '../../linux/user-namespace.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { type AppContext, compileApp } from '../compile/app.ts';
import type { UserNamespaceLimits } from '../compile/become.ts';
import type { Stdio } from '../compile/stdio.ts';
import { startChild } from '../program/start-child.ts';
import { cachedFilter, filterCacheDirectory } from '../seccomp/filter-cache.ts';
import { forSockets } from '../systemd/listen-pid.ts';
import type { ListeningSocket } from '../systemd/sockets.ts';
import { warn } from './warn.ts';

/** An app to be started, and what it gets from us. */
export interface AppStart {
  readonly name: string;
  readonly config: RuntimeConfig;
  readonly namespaces: ReadonlyMap<NamespaceType, number>;
  readonly stdio: Stdio;
  /** The directories of its cgroup. */
  readonly cgroup: readonly string[];
  /** The listening sockets it is given. */
  readonly sockets?: readonly ListeningSocket[];
  /** The path of its pseudo terminal. */
  readonly terminal?: string | undefined;
  readonly terminalAt?: number | undefined;
  /** Directories of the pod's mount namespace, which need not exist on the host. */
  readonly shared: readonly string[];
}

/** What an app is compiled with that neither its config nor its pod says. */
export interface Surroundings {
  readonly ignoredSignals: readonly number[];
  /** Where seccomp filters are kept; undefined: they are made anew. */
  readonly filterCache: string | undefined;
}

/** Starts an app: its pid, a child of ours that has been executed. */
export function startApp(start: AppStart): number {
  const filterCache = filterCacheDirectory(process.geteuid?.() ?? 0, process.env['XDG_RUNTIME_DIR']);
  const context = appContext(start, { ignoredSignals: ignoredSignals(), filterCache });
  for (const name of context.filter?.unrestricted ?? [])
    warn(
      `app ${JSON.stringify(start.name)}: seccomp: the installed libseccomp does not know ${name}, which stays allowed`,
    );
  const { config, sockets = [] } = start;
  if (sockets.length === 0) return startChild(compileApp(config, context));
  return forSockets(config, sockets, (changed, passed) =>
    startChild(compileApp(changed, { ...context, sockets: passed })),
  );
}

/** Joined last: the mount namespace, for the others' files are opened before; first: the user namespace, it gives the right. */
const ORDER: readonly NamespaceType[] = ['user', 'pid', 'network', 'ipc', 'uts', 'time', 'cgroup', 'mount'];

/** What `sandbox` as a namespace's path means, and the pod's mount namespace, which an app's own is a copy of. */
export function appContext(start: AppStart, surroundings: Surroundings): AppContext {
  const { name, config, namespaces, stdio, cgroup, terminal, terminalAt, shared } = start;
  const seccomp = config.linux?.seccomp;
  const joined = new Set(
    (config.linux?.namespaces ?? []).filter(({ path }) => path === 'sandbox').map(({ type }) => type),
  );
  const join = [...ORDER].flatMap((type) => {
    const fd = namespaces.get(type);
    return fd !== undefined && (type === 'mount' || joined.has(type)) ? [{ type, fd }] : [];
  });
  const isShared = (source: string) => shared.includes(source);
  const isDirectory = (source: string) => isShared(source) || isHostDirectory(source);
  return {
    name,
    join,
    stdio,
    isDirectory,
    isShared,
    cgroup,
    ignoredSignals: surroundings.ignoredSignals,
    userNamespace: userNamespaceLimits(joined.has('user')),
    ...(seccomp === undefined ? {} : { filter: cachedFilter(seccomp, surroundings.filterCache) }),
    ...(terminal === undefined ? {} : { terminal, terminalAt }),
  };
}

/** A user namespace that the sandbox made was mapped by us with privileges; in our own we may have had less. */
function userNamespaceLimits(isPodsOwn: boolean): UserNamespaceLimits | undefined {
  if (isInitialUserNamespace()) return isPodsOwn ? { canSetGroups: true } : undefined;
  return { canSetGroups: readNamespaceIds().canSetGroups };
}

function isHostDirectory(source: string): boolean {
  return statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
