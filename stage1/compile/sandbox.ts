import { constants } from 'node:os';
import { CAPABILITIES, capabilityData, capabilityHeader } from '../../linux/capability.ts';
import { AT_EMPTY_PATH, O_CLOEXEC } from '../../linux/fcntl.ts';
import { IFF_UP, ifreqFlags, SIOCSIFFLAGS } from '../../linux/ifreq.ts';
import { CLONE, NAMESPACES } from '../../linux/namespace.ts';
import { PR } from '../../linux/prctl.ts';
import type { Mount, RuntimeConfig } from '../../schema/runtime-config.ts';
import {
  type Arg,
  argOf,
  flags,
  from,
  type Program,
  type Step,
  struct,
  text,
  vector,
} from '../program/step.ts';
import { CWD, shown } from './args.ts';
import { moveMount } from './attach-mount.ts';
import { detachedMount } from './detached-mount.ts';
import { enslave, pivotToMount } from './root.ts';
import { writeFile } from './stdio.ts';

const { SIGCHLD, SIGKILL } = constants.signals;

export interface SandboxContext {
  /** The read end of a pipe: the supervisor writes its number there, as 8 bytes, to let the child go on. */
  readonly go: number;
  /** Its write end, of which the child has a copy until it closes it: else the pipe would not end with the supervisor. */
  readonly goWriter: number;
  /** The write end of another: the child writes a byte when its namespaces are made; it closes when pause runs. */
  readonly ready: number;
  /** The pause image. */
  readonly pause: number;
}

/** The namespaces the sandbox makes: those its config names without a path. Its clone flags. */
export function sandboxFlags({ linux }: RuntimeConfig): number {
  const made = (linux?.namespaces ?? []).filter(({ path }) => !path);
  return made.reduce((sum, { type }) => sum + CLONE[NAMESPACES[type].flag], 0);
}

/**
 * The spawn program of the sandbox: makes what the pod's apps share, then becomes the pause process. Twice it waits for
 * the supervisor: until its ids are mapped, and until its namespaces have been opened. The second mount namespace is
 * pause's own: an empty read-only root, so that /proc/1/root in the pod leads nowhere, while the first, which has the
 * host's tree and the shared mounts, lives on in the supervisor's fd and is what apps join.
 */
export function compileSandbox(config: RuntimeConfig, context: SandboxContext): Program {
  const namespaces = new Set(
    (config.linux?.namespaces ?? []).filter(({ path }) => !path).map(({ type }) => type),
  );
  return {
    name: 'sandbox',
    steps: [
      prctl('PR_SET_PDEATHSIG', shown(SIGKILL, 'SIGKILL'), 'die with the supervisor'),
      // one that is dead already sends no signal, but ends the pipe
      { call: 'close', args: [context.goWriter], what: 'end when the supervisor has ended' },
      ...waitForSupervisor('mapped', context.go),
      ...(config.mounts ?? []).map(sharedPlace),
      { call: 'setresgid', args: [0, 0, 0] },
      { call: 'setresuid', args: [0, 0, 0] },
      // a change of ids clears it
      prctl('PR_SET_PDEATHSIG', shown(SIGKILL, 'SIGKILL'), 'die with the supervisor'),
      enslave,
      ...(config.mounts ?? []).flatMap(sharedMount),
      ...(namespaces.has('network') ? bringLoopbackUp : []),
      ...(namespaces.has('uts') && config.hostname !== undefined ? setHostname(config.hostname) : []),
      ...Object.entries(config.linux?.sysctl ?? {}).flatMap(([name, value]) => setSysctl(name, value)),
      { call: 'write', args: [context.ready, text('.'), 1], what: 'tell the supervisor' },
      ...waitForSupervisor('opened', context.go),
      ...emptyRoot,
      ...becomePause(context.pause),
    ],
  };
}

/**
 * Reads from the pipe into the argument of a later close: it closes a copy of the pipe's end where the supervisor wrote
 * that fd, and fails with EBADF where the pipe ended, for then the supervisor is dead.
 */
function waitForSupervisor(name: string, go: number): readonly Step[] {
  const what = 'wait for the supervisor';
  return [
    { call: 'read', args: [go, argOf(name, 0), 8], what },
    { call: 'fcntl', args: [-1, shown(1, 'F_GETFD'), 0], as: name, what },
  ];
}

/** Opened while we are still who made the pod's directory: in a user namespace its root may have no way there. */
function sharedPlace({ destination }: Mount, i: number): Step {
  const how = shown(0o10000000 | O_CLOEXEC, 'O_PATH|O_CLOEXEC');
  return {
    call: 'openat',
    args: [CWD, text(destination), how, 0],
    as: `shared${i}.at`,
    what: `mount ${destination}`,
  };
}

function sharedMount(mount: Mount, i: number): readonly Step[] {
  const name = `shared${i}`;
  const place = from(`${name}.at`);
  return [...detachedMount(mount, name), moveMount(from(name), place, `mount ${mount.destination}`)];
}

const bringLoopbackUp: readonly Step[] = [
  {
    call: 'socket',
    args: [shown(2, 'AF_INET'), shown(2 | O_CLOEXEC, 'SOCK_DGRAM|SOCK_CLOEXEC'), 0],
    as: 'socket',
    what: 'bring lo up',
  },
  {
    call: 'ioctl',
    args: [
      from('socket'),
      shown(SIOCSIFFLAGS, 'SIOCSIFFLAGS'),
      struct(ifreqFlags('lo', IFF_UP), '{"lo", IFF_UP}'),
    ],
    what: 'bring lo up',
  },
  { call: 'close', args: [from('socket')] },
];

function setHostname(name: string): readonly Step[] {
  return [
    { call: 'sethostname', args: [text(name), Buffer.byteLength(name)], what: `set host name ${name}` },
  ];
}

function setSysctl(name: string, value: string): readonly Step[] {
  const path = name.includes('/') ? name : name.replaceAll('.', '/');
  return writeFile(`/proc/sys/${path}`, value, `set sysctl ${name}`);
}

const EMPTY_ROOT: Mount = {
  destination: '/',
  type: 'tmpfs',
  source: 'pause',
  options: ['ro', 'nosuid', 'nodev', 'noexec', 'size=4k', 'mode=555'],
};

const emptyRoot: readonly Step[] = [
  {
    call: 'unshare',
    args: [flags(CLONE, 'CLONE_NEWNS')],
    what: 'give the pause process an empty root',
  },
  ...detachedMount(EMPTY_ROOT, 'emptyRoot'),
  ...pivotToMount('emptyRoot'),
];

/** No capability, no fd, no name of ours; SIGCHLD is ignored, so the kernel reaps the pod's orphans. */
function becomePause(pause: number): readonly Step[] {
  const none = struct(capabilityData({ effective: [], permitted: [], inheritable: [] }), '{0, 0, 0}');
  const ignore = Buffer.alloc(32);
  ignore.writeBigUInt64LE(1n); // SIG_IGN
  return [
    { call: 'rt_sigaction', args: [shown(SIGCHLD, 'SIGCHLD'), struct(ignore, '{SIG_IGN}'), 0, 8] },
    ...CAPABILITIES.map(
      (name, number): Step => prctl('PR_CAPBSET_DROP', shown(number, name), `drop ${name}`, 'any'),
    ),
    prctl('PR_SET_NO_NEW_PRIVS', 1, 'set no_new_privs'),
    {
      call: 'capset',
      args: [struct(capabilityHeader(), '{_LINUX_CAPABILITY_VERSION_3, 0}'), none],
      what: 'drop capabilities',
    },
    { call: 'close_range', args: [0, shown(0xffff_ffff, '~0'), shown(4, 'CLOSE_RANGE_CLOEXEC')] },
    {
      call: 'execveat',
      args: [pause, text(''), vector(['pause']), vector([]), shown(AT_EMPTY_PATH, 'AT_EMPTY_PATH')],
      what: 'execute pause',
    },
  ];
}

function prctl(option: keyof typeof PR, value: Arg, what: string, tolerate?: 'any'): Step {
  return {
    call: 'prctl',
    args: [flags(PR, option), value, 0, 0, 0],
    what,
    ...(tolerate ? { tolerate } : {}),
  };
}
