import { F_SETFD } from '../../linux/fcntl.ts';
import { CLONE } from '../../linux/namespace.ts';
import type { Process, RuntimeConfig } from '../../schema/runtime-config.ts';
import { flags, type Program, type Step } from '../program/step.ts';
import type { AppContext } from './app.ts';
import { octal, shown } from './args.ts';
import { enterDirectory } from './attach-mount.ts';
import { detachedMount } from './detached-mount.ts';
import { execute, resetSignals, unblockSignals } from './exec.ts';
import { attach } from './file-systems.ts';
import { namedMounts } from './named-mounts.ts';
import { dropPrivileges, setRlimits } from './privileges.ts';
import { enslave, mountRoot, pivotRoot, readonlyRoot } from './root.ts';
import { setStdio } from './stdio.ts';

/** What is at hand for the app of a pod of flavor fly. */
export interface FlyContext extends Pick<AppContext, 'isDirectory' | 'userNamespace' | 'ignoredSignals'> {
  readonly name: string;
  /** The fd that holds the pod's lock: the app keeps it, so that the pod is locked as long as it runs. */
  readonly lock: number | undefined;
  /** Listening sockets that the service manager gave us, and so the app. */
  readonly sockets: readonly number[];
}

/**
 * The program by which this process becomes the app of a fly pod: a mount namespace, a root of its own, nothing else.
 * Binds are taken while mounts are still shared with the host, and stay so: the host sees what the app mounts below them.
 */
export function compileFly(config: RuntimeConfig, context: FlyContext): Program {
  const { process } = config;
  if (process === undefined) throw new TypeError('an app needs a process');
  const mounts = namedMounts(config);
  return {
    name: `app ${JSON.stringify(context.name)}`,
    steps: [
      { call: 'unshare', args: [flags(CLONE, 'CLONE_NEWNS')], what: 'make a mount namespace' },
      ...mounts.flatMap(({ name, mount }) => detachedMount(mount, name)),
      enslave,
      ...enterRoot(config),
      { call: 'umask', args: [octal(0)] },
      ...mounts.flatMap((named) => attach(named, config, context)),
      ...(config.root?.readonly ? [readonlyRoot] : []),
      ...enterDirectory(process.cwd, 'cwd').steps,
      ...becomeApp(process, context),
    ],
  };
}

function enterRoot({ root, mounts = [] }: RuntimeConfig): readonly Step[] {
  const path = root?.path ?? '';
  const own = mounts.find(({ destination }) => destination === '/');
  return [...mountRoot(path, own), ...pivotRoot(path)];
}

/** Everything but standard files, sockets and the lock ends with the execve; nothing is taken from the app but its caller's user. */
function becomeApp(
  process: Process,
  { lock, sockets, ignoredSignals, userNamespace }: FlyContext,
): readonly Step[] {
  return [
    ...setRlimits(process),
    ...setStdio([0, 1, 2]),
    { call: 'close_range', args: [3, shown(0xffff_ffff, '~0'), shown(4, 'CLOSE_RANGE_CLOEXEC')] },
    ...(lock === undefined ? [] : [keep(lock, "keep the pod's lock")]),
    ...sockets.map((fd) => keep(fd, 'keep a listening socket')),
    ...dropPrivileges(process, userNamespace?.canSetGroups ?? true),
    { call: 'chdir', args: [{ text: process.cwd }], what: `change directory to ${process.cwd}` },
    ...resetSignals(ignoredSignals),
    unblockSignals,
    ...execute(process),
  ];
}

function keep(fd: number, what: string): Step {
  return { call: 'fcntl', args: [fd, shown(F_SETFD, 'F_SETFD'), 0], what };
}
