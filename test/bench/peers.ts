import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSilently } from './run-silently.ts';

/** An engine that can run /bin/true of a directory: a command line per run, for its name must be new each time. */
export interface Peer {
  readonly name: string;
  command(run: string): readonly string[];
}

/** Limits that need no CAP_SYS_RESOURCE. */
const podman =
  'podman --runtime=runc run --rm --network=none --ulimit=nofile=1024:4096 --ulimit=nproc=4096:4096 --rootfs';

/** Public tools of the same trade, all on one root file system, each with its fewest options. */
export function peers(directory: string, rootfs: string): readonly Peer[] {
  const runcBundle = bundle(join(directory, 'runc'), rootfs, (config) => config);
  const crunBundle = bundle(join(directory, 'crun'), rootfs, withoutCgroups);
  return [
    { name: 'runc run', command: (run) => ['runc', 'run', '--bundle', runcBundle, run] },
    {
      name: 'crun run, without cgroups',
      command: (run) => ['crun', '--cgroup-manager=disabled', 'run', '--bundle', crunBundle, run],
    },
    {
      name: 'bwrap',
      command: () => [
        ...'bwrap --unshare-all --proc /proc --dev /dev --bind'.split(' '),
        rootfs,
        '/',
        '/bin/true',
      ],
    },
    {
      name: 'systemd-nspawn',
      command: () => [
        ...'systemd-nspawn --quiet --register=no --keep-unit -D'.split(' '),
        rootfs,
        '/bin/true',
      ],
    },
    {
      name: 'podman run, with runc',
      command: () => [...podman.split(' '), rootfs, '/bin/true'],
    },
  ];
}

interface Config {
  process: { terminal: boolean; args: string[] };
  root: { path: string; readonly: boolean };
  mounts: { type: string }[];
  linux: { namespaces: { type: string }[]; resources?: unknown };
}

/** `runc spec` writes the configuration that everyone starts from. */
function bundle(path: string, rootfs: string, change: (config: Config) => Config): string {
  mkdirSync(path);
  const config: Config = JSON.parse(runcSpec(path));
  config.process.terminal = false;
  config.process.args = ['/bin/true'];
  config.root = { path: rootfs, readonly: false };
  writeFileSync(join(path, 'config.json'), JSON.stringify(change(config)));
  return path;
}

function withoutCgroups(config: Config): Config {
  const { resources: _, ...linux } = config.linux;
  return {
    ...config,
    mounts: config.mounts.filter(({ type }) => type !== 'cgroup'),
    linux: { ...linux, namespaces: linux.namespaces.filter(({ type }) => type !== 'cgroup') },
  };
}

function runcSpec(path: string): string {
  const made = runSilently(['sh', '-c', 'runc spec --bundle "$0" && cat "$0/config.json"', path]);
  if (made.status !== 0) throw new Error(`runc spec: ${made.stderr}`);
  return made.stdout;
}
