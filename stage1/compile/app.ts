import { constants } from 'node:os';
import { CLONE, NAMESPACES, type NamespaceType } from '../../linux/namespace.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import { flags, type Program, type Step } from '../program/step.ts';
import type { SeccompFilter } from '../seccomp/filter.ts';
import { shown } from './args.ts';
import { enterDirectory } from './attach-mount.ts';
import { type Becoming, becomeProcess, keptBy, type UserNamespaceLimits } from './become.ts';
import { joinCgroup } from './cgroup.ts';
import { fileSystems, mountsFromOutside, mountsFromSandbox } from './file-systems.ts';
import { giveTerminal } from './give-terminal.ts';
import { setOomScore, setRlimits } from './privileges.ts';
import { enslave } from './root.ts';
import type { Stdio } from './stdio.ts';
import { setTimeOffsets } from './time-offsets.ts';

/** What the supervisor has at hand for an app. */
export interface AppContext {
  readonly name: string;
  /** The sandbox's namespaces to join, in the order of joining, by open fds. */
  readonly join: readonly { readonly type: NamespaceType; readonly fd: number }[];
  readonly stdio: Stdio;
  /** The listening sockets it is given, by our fds, and the pid it must have. */
  readonly sockets?: Becoming['sockets'];
  /** The path of the app's pseudo terminal on the host, where it has one; it is its stdio, too, or one of it. */
  readonly terminal?: string;
  readonly terminalAt?: Becoming['terminalAt'];
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
 * The spawn program of an app from its runtime-spec config: join the sandbox, build the root file system, give up what the
 * app may not have, fork into the pod's PID namespace, become the app. Pure.
 */
export function compileApp(config: RuntimeConfig, context: AppContext): Program {
  const { process } = config;
  if (process === undefined) throw new Error('an app needs a process');
  const own = becoming(context);
  return {
    name: `app ${JSON.stringify(context.name)}`,
    keeps: [...context.join.map(({ fd }) => fd), ...keptBy(own)],
    steps: [
      ...joinCgroup({ join: context.cgroup }),
      ...setOomScore(process), // as long as /proc/self is ours to write
      ...giveTerminal(config, context),
      ...mountsFromOutside(config, context),
      ...joinSandbox(context),
      ...mountsFromSandbox(config, context),
      ...becomeRoot(context),
      ...unshareOwn(config),
      enslave,
      ...setTimeOffsets(config.linux?.timeOffsets),
      ...fileSystems(config, context),
      ...enterDirectory(process.cwd, 'cwd').steps,
      ownKeyring,
      ...setRlimits(process),
      ...becomeProcess(process, own),
    ],
  };
}

function becoming({ sockets, terminal, ...context }: AppContext): Becoming {
  const { stdio, terminalAt, filter, ignoredSignals, userNamespace } = context;
  const hasTerminal = terminal !== undefined;
  const own = { stdio, hasTerminal, terminalAt, filter, ignoredSignals, userNamespace };
  return { ...own, ...(sockets ? { sockets } : {}) };
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
function unshareOwn({ linux }: RuntimeConfig): readonly Step[] {
  const types = (linux?.namespaces ?? []).filter(({ path }) => !path).map(({ type }) => type);
  if (types.length === 0) return [];
  const names = types.map((type) => NAMESPACES[type].flag);
  return [{ call: 'unshare', args: [flags(CLONE, ...names)], what: `make namespaces: ${types.join(', ')}` }];
}

/** keyctl(2), KEYCTL_JOIN_SESSION_KEYRING: an app does not see the keys of whoever started its pod. ENOSYS: nobody has any. */
const ownKeyring: Step = {
  call: 'keyctl',
  args: [shown(1, 'KEYCTL_JOIN_SESSION_KEYRING'), 0],
  tolerate: constants.errno.ENOSYS,
  what: 'get a session keyring of its own',
};
