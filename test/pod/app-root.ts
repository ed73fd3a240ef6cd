import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryFile } from '../../linux/descriptor.ts';
import { waitFor } from '../../linux/wait.ts';
import type { Mount, Process, RuntimeConfig } from '../../schema/runtime-config.ts';
import {
  appWithPrivateUsers,
  type PrivateUsers,
  sandboxWithPrivateUsers,
} from '../../stage0/user-namespace/private-users.ts';
import { startApp } from '../../stage1/supervisor/app.ts';
import { type Sandbox, startSandbox } from '../../stage1/supervisor/sandbox.ts';
import { shareProc } from '../../stage1/supervisor/shared-proc.ts';

const SHARED = ['pid', 'network', 'ipc', 'uts'] as const;

/** A pod's directory with a root file system of busybox, for tests that run apps in a real sandbox. */
export interface AppRoot extends Disposable {
  readonly directory: string;
  /** The image's part of the root, below the overlay. */
  readonly tree: string;
  readonly upper: string;
}

export function makeAppRoot(): AppRoot {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-app-'));
  for (const name of ['tree/bin', 'upper', 'work', 'rootfs', 'shm', 'proc'])
    mkdirSync(join(directory, name), { recursive: true });
  copyFileSync('/bin/busybox', join(directory, 'tree/bin/busybox'));
  for (const applet of [
    'sh',
    'cat',
    'ls',
    'id',
    'mkdir',
    'mount',
    'umount',
    'mknod',
    'pwd',
    'sleep',
    'echo',
    'ps',
    'hostname',
    'touch',
    'test',
    'readlink',
    'stat',
    'chroot',
    'env',
  ])
    symlinkSync('busybox', join(directory, 'tree/bin', applet));
  return {
    directory,
    tree: join(directory, 'tree'),
    upper: join(directory, 'upper'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface AppRun {
  readonly status: number;
  readonly output: string;
}

export interface AppOptions {
  readonly process?: Partial<Process>;
  readonly mounts?: readonly Mount[];
  readonly config?: Partial<RuntimeConfig>;
  /** The pod's own ids; undefined: those of the host. */
  readonly users?: PrivateUsers;
}

/** Runs a shell script as the only app of a fresh sandbox; its exit code and all it printed. */
export function runScript(root: AppRoot, script: string, options: AppOptions = {}): AppRun {
  const apps = new Map([['test', appConfig(root, script, options)]]);
  const pod = shareProc({ sandbox: sandboxConfig(root, options), apps }, join(root.directory, 'proc'));
  const sandbox = startSandbox(pod.sandbox);
  try {
    return runIn(sandbox, root, pod.apps.get('test') as RuntimeConfig);
  } finally {
    process.kill(sandbox.pid, 'SIGKILL');
    waitFor(sandbox.pid);
    for (const fd of sandbox.namespaces.values()) closeSync(fd);
  }
}

function runIn({ namespaces }: Sandbox, root: AppRoot, config: RuntimeConfig): AppRun {
  const output = memoryFile('output', Buffer.alloc(0));
  try {
    const shared = ['shm', 'proc'].map((name) => join(root.directory, name));
    const pid = startApp({
      name: 'test',
      config,
      namespaces,
      stdio: [0, output, output],
      shared,
      cgroup: [],
    });
    const { exitCode, signal = 0 } = waitFor(pid);
    const bytes = Buffer.alloc(fstatSync(output).size);
    readSync(output, bytes, 0, bytes.length, 0);
    return { status: exitCode ?? 128 + signal, output: bytes.toString() };
  } finally {
    closeSync(output);
  }
}

export function sandboxConfig({ directory }: AppRoot, { users }: AppOptions): RuntimeConfig {
  const namespaces = [...SHARED, 'mount', 'cgroup'] as const;
  const config = {
    ociVersion: '1.2.0',
    hostname: 'pod',
    mounts: [{ destination: join(directory, 'shm'), type: 'tmpfs', source: 'shm', options: ['mode=1777'] }],
    linux: { namespaces: namespaces.map((type) => ({ type })) },
  } as RuntimeConfig;
  return users === undefined ? config : sandboxWithPrivateUsers(config, users);
}

const ATTRIBUTES = ['nosuid', 'noexec', 'nodev'];

const DEFAULT_MOUNTS: readonly Mount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ATTRIBUTES },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...ATTRIBUTES, 'ro'] },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
] as readonly Mount[];

export function appConfig(
  root: AppRoot,
  script: string,
  { process: own, mounts = [], config, users }: AppOptions,
): RuntimeConfig {
  const overlay = [
    `lowerdir=${root.tree}`,
    `upperdir=${root.upper}`,
    `workdir=${join(root.directory, 'work')}`,
  ];
  const { linux, ...rest } = config ?? {};
  const whole = {
    ociVersion: '1.2.0',
    process: {
      args: ['/bin/sh', '-c', script],
      cwd: '/',
      env: ['PATH=/bin'],
      user: { uid: 0, gid: 0 },
      ...own,
    },
    root: { path: join(root.directory, 'rootfs') },
    mounts: [
      { destination: '/', type: 'overlay', source: 'overlay', options: overlay },
      ...DEFAULT_MOUNTS,
      ...mounts,
    ],
    linux: {
      namespaces: [
        ...SHARED.map((type) => ({ type, path: 'sandbox' })),
        { type: 'mount' },
        { type: 'cgroup' },
      ],
      ...linux,
    },
    ...rest,
  } as RuntimeConfig;
  const shared = [join(root.directory, 'shm')];
  return users === undefined ? whole : appWithPrivateUsers({ name: 'test', shared }, whole, users);
}

/** What is mounted on the host below a directory. */
export function hostMountsBelow(directory: string): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.map((line) => line.split(' ')[4] ?? '').filter((path) => path.startsWith(directory));
}
