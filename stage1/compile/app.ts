import { CLONE, NAMESPACES, type NamespaceType } from '../../linux/namespace.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { flags, type Program, type Step } from '../program/step.ts';
import type { SeccompFilter } from '../seccomp/filter.ts';
import { shown } from './args.ts';
import { makeParents } from './attach-mount.ts';
import { type Becoming, becomeProcess, type UserNamespaceLimits } from './become.ts';
import { joinCgroup } from './cgroup.ts';
import { fileSystems, mountsFromOutside, mountsFromSandbox } from './file-systems.ts';
import { fork } from './fork.ts';
import { setOomScore, setRlimits } from './privileges.ts';
import { enslave } from './root.ts';
import { newSession, type Stdio } from './stdio.ts';
import { setTimeOffsets } from './time-offsets.ts';

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
  /** Which bind sources are mounts of the sandbox, and so are there only once it is joined. */
  readonly isShared: (source: string) => boolean;
}

/**
 * The spawn program of an app from its runtime-spec config: join the sandbox, fork into it, build the root file system,
 * become the app. Pure. The supervisor is the parent of the forked child (CLONE_PARENT).
 */
export function compileApp(config: RuntimeConfig, context: AppContext): Program {
  const { process } = config;
  if (process === undefined) throw new Error('an app needs a process');
  return {
    name: `app ${JSON.stringify(context.name)}`,
    steps: [
      ...joinCgroup({ join: context.cgroup }),
      ...setOomScore(process), // as long as /proc/self is ours to write
      ...mountsFromOutside(config, context),
      ...joinSandbox(context),
      ...mountsFromSandbox(config, context),
      ...becomeRoot(context),
      fork(ownNamespaces(config), context.sockets?.pid),
      newSession,
      enslave,
      ...setTimeOffsets(config.linux?.timeOffsets),
      ...setRlimits(process),
      ...fileSystems(config, context),
      ...makeParents(`${process.cwd}/.`),
      ...becomeProcess(process, becoming(context)),
    ],
  };
}

function becoming(context: AppContext): Becoming {
  const { stdio, sockets, terminal, filter, ignoredSignals, userNamespace } = context;
  const hasTerminal = terminal !== undefined;
  return { stdio, sockets: sockets?.fds ?? [], hasTerminal, filter, ignoredSignals, userNamespace };
}

function joinSandbox({ join }: AppContext): readonly Step[] {
  return join.map(({ type, fd }) => ({
    call: 'setns',
    args: [shown(fd, `sandbox/ns/${NAMESPACES[type].file}`), flags(CLONE, NAMESPACES[type].flag)],
    what: `join the pod's ${type} namespace`,
  }));
}

/** Whoever joins a user namespace is nobody there until then, and nobody can make files. */
function becomeRoot({ join }: AppContext): readonly Step[] {
  if (!join.some(({ type }) => type === 'user')) return [];
  const what = 'become root of the user namespace';
  return [
    { call: 'setresgid', args: [0, 0, 0], what },
    { call: 'setresuid', args: [0, 0, 0], what },
  ];
}

/** The namespaces that are the app's own: those its config names without a path. */
function ownNamespaces({ linux }: RuntimeConfig): readonly (keyof typeof CLONE)[] {
  return (linux?.namespaces ?? []).filter(({ path }) => !path).map(({ type }) => NAMESPACES[type].flag);
}
