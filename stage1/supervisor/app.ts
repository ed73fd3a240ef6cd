import { statSync } from 'node:fs';
import { ignoredSignals } from '../../linux/ignored-signals.ts';
import type { NamespaceType } from '../../linux/namespace.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { type AppContext, compileApp } from '../compile/app.ts';
import type { Stdio } from '../compile/stdio.ts';
import { startChild } from '../program/start-child.ts';

/** An app to be started, and what it gets from us. */
export interface AppStart {
  readonly name: string;
  readonly config: RuntimeConfig;
  readonly namespaces: ReadonlyMap<NamespaceType, number>;
  readonly stdio: Stdio;
  /** The path of its pseudo terminal. */
  readonly terminal?: string | undefined;
  /** Directories of the pod's mount namespace, which need not exist on the host. */
  readonly shared: readonly string[];
}

/** Starts an app: its pid, a child of ours that has been executed. */
export function startApp(start: AppStart): number {
  return startChild(compileApp(start.config, appContext(start, ignoredSignals())));
}

/** Joined last: the mount namespace, for the others' files are opened before; first: the user namespace, it gives the right. */
const ORDER: readonly NamespaceType[] = ['user', 'pid', 'network', 'ipc', 'uts', 'time', 'cgroup', 'mount'];

/** What `sandbox` as a namespace's path means, and the pod's mount namespace, which an app's own is a copy of. */
export function appContext(start: AppStart, ignored: readonly number[]): AppContext {
  const { name, config, namespaces, stdio, terminal, shared } = start;
  const joined = new Set(
    (config.linux?.namespaces ?? []).filter(({ path }) => path === 'sandbox').map(({ type }) => type),
  );
  const join = [...ORDER].flatMap((type) => {
    const fd = namespaces.get(type);
    return fd !== undefined && (type === 'mount' || joined.has(type)) ? [{ type, fd }] : [];
  });
  const isDirectory = (source: string) => shared.includes(source) || isHostDirectory(source);
  return {
    name,
    join,
    stdio,
    isDirectory,
    ignoredSignals: ignored,
    ...(terminal === undefined ? {} : { terminal }),
  };
}

function isHostDirectory(source: string): boolean {
  return statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
