import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAci } from '../../image/write-aci.ts';
import { checkout, type Machine } from './machine.ts';
import { compileSdapp } from './sdapp.ts';

export const tsrkt = join(checkout, 'dist/tsrkt');

const APPLETS = ['sh', 'cat', 'echo', 'env', 'id', 'kill', 'ls', 'sleep', 'true', 'wc', 'grep', 'dd', 'test'];

/** A signal that a shell must handle itself reaches it only between commands: so it waits by `wait`. */
export const FOREVER = 'while :; do sleep 1000 & wait $!; done';

export interface Image {
  /** What the app's shell runs. */
  readonly script: string;
  readonly annotations?: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly object[];
  readonly user?: string;
}

/** Puts /tmp/NAME.aci on a machine's disk: busybox, sdapp, and an app that is a shell script. */
export async function makeImage(machine: Machine, name: string, image: Image): Promise<string> {
  const { script, annotations = [], ports = [], user = '0' } = image;
  const rootfs = mkdtempSync(join(tmpdir(), 'tsrkt-image-'));
  chmodSync(rootfs, 0o755);
  mkdirSync(join(rootfs, 'bin'));
  copyFileSync('/bin/busybox', join(rootfs, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(rootfs, 'bin', applet));
  compileSdapp(join(rootfs, 'bin/sdapp'));
  const manifest = {
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: `example.com/${name}`,
    labels: [
      { name: 'os', value: 'linux' },
      { name: 'arch', value: process.arch === 'arm64' ? 'aarch64' : 'amd64' },
    ],
    annotations,
    app: { exec: ['/bin/sh', '-c', script], user, group: user, ports },
  };
  const path = `/tmp/${name}.aci`;
  await writeAci({
    manifest: Buffer.from(JSON.stringify(manifest)),
    rootfs,
    out: join(machine.disk, path),
    compression: 'none',
  });
  rmSync(rootfs, { recursive: true });
  return path;
}

/** The command line that runs an image; networks are not what these tests are about. */
export function runImage(path: string, flags = ''): string {
  return `${tsrkt} --insecure-options=image run --net=none ${flags} ${path}`;
}

/** In bash: the UUID of the only pod that runs, and of what its directory says of its supervisor and its first process. */
export const UUID = `$(${tsrkt} list --no-legend --full | awk '/running/{print $1}')`;
export const SUPERVISOR = `$(cat /var/lib/tsrkt/pods/run/${UUID}/ppid)`;
export const PAUSE = `$(cat /var/lib/tsrkt/pods/run/${UUID}/pid)`;

/** Ends what a test has left running, so that the next finds one pod. */
export function endPods(machine: Machine): void {
  machine.run(`for uuid in ${UUID}; do ${tsrkt} stop --force $uuid; done; systemctl reset-failed`);
}

/** Makes a unit of these lines below [Service] and starts it; the unit's file is the machine's own. */
export function startUnit(machine: Machine, unit: string, lines: readonly string[]): void {
  writeUnit(machine, unit, `[Service]\n${lines.join('\n')}\n`);
  machine.must(`systemctl daemon-reload && systemctl start ${unit}`);
}

export function writeUnit(machine: Machine, unit: string, content: string): void {
  machine.must(`cat > /etc/systemd/system/${unit} << 'END'\n${content}\nEND`);
}

/** Properties of a unit, as `systemctl show` says them. */
export function show(machine: Machine, unit: string, ...names: readonly string[]): Record<string, string> {
  const text = machine.must(`systemctl show ${unit} -p ${names.join(',')}`);
  return Object.fromEntries(
    text.split('\n').map((line) => [line.split('=')[0], line.replace(/^[^=]*=/, '')]),
  );
}

/** Tries again until the script ends well; for what takes a moment. */
export function eventually(machine: Machine, script: string, seconds = 10): string {
  return machine.must(
    `for i in $(seq ${seconds * 20}); do if out=$(${script}); then echo "$out"; exit 0; fi; sleep 0.05; done; echo "never: $out"; exit 1`,
  );
}
