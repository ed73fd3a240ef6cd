import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAci } from '../../image/write-aci.ts';
import { type Circumstances, dist, type Ended, runProgram, temporaryDirectory } from './executable.ts';

const APPLETS = ['sh', 'cat', 'id', 'env', 'hostname', 'ls', 'pwd', 'sleep', 'stat', 'touch', 'true', 'wc'];

/**
 * A data directory and an image of busybox, both gone at the end; `tsrkt()` is the built program with that data directory. The
 * warnings that nobody signed the image are left out of what it tells: the tests of trust expect them.
 */
export async function podFixture() {
  const directory = temporaryDirectory();
  const image = join(directory.path, 'box.aci');
  await makeBox(join(directory.path, 'rootfs'), image);
  const data = join(directory.path, 'data');
  const tsrkt = (args: readonly string[], circumstances: Circumstances = {}) =>
    withoutWarning(
      runProgram(join(dist, 'tsrkt'), [`--dir=${data}`, '--insecure-options=image', ...args], circumstances),
    );
  return {
    ...directory,
    data,
    image,
    tsrkt,
    [Symbol.dispose]() {
      removeKilledPods(data, () => tsrkt(['gc', '--grace-period=0s']));
      directory[Symbol.dispose]();
    },
  };
}

/** Networks and cgroups of pods that were killed outlive the data directory. One that was killed a moment ago may still be locked. */
function removeKilledPods(data: string, gc: () => void): void {
  for (let tries = 0; tries < 20 && leftPods(data); tries++) gc();
}

function leftPods(data: string): boolean {
  const pods = join(data, 'pods');
  const outlives = ['net-info.json', 'cgroups.json'];
  const directories = ['run', 'exited-garbage', 'garbage'].flatMap((state) =>
    directoriesIn(join(pods, state)),
  );
  return directories.some((directory) => outlives.some((file) => existsSync(join(directory, file))));
}

function directoriesIn(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
}

function withoutWarning({ stderr, ...others }: Ended): Ended {
  const warning = /^[a-z-]+: warning: image .* is let through unverified: .*\n/gm;
  return { ...others, stderr: stderr.replace(warning, '') };
}

export interface BoxChanges {
  readonly name?: string;
  readonly app?: object | undefined;
  readonly labels?: readonly object[];
  readonly annotations?: readonly object[];
}

/** An image of busybox whose app prints its arguments; `changes` go over its manifest. */
export async function makeBox(rootfs: string, out: string, changes: BoxChanges = {}): Promise<void> {
  mkdirSync(join(rootfs, 'bin'), { recursive: true });
  mkdirSync(join(rootfs, 'etc'), { recursive: true });
  copyFileSync('/bin/busybox', join(rootfs, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(rootfs, 'bin', applet));
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nweb:x:101:102::/:/bin/sh\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\nstaff:x:50:\n');
  const manifest = {
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: 'example.com/box',
    labels: [
      { name: 'version', value: '1.0.0' },
      { name: 'os', value: 'linux' },
      { name: 'arch', value: process.arch === 'arm64' ? 'aarch64' : 'amd64' },
    ],
    app: { exec: ['/bin/sh', '-c'], user: '0', group: '0' },
    ...changes,
  };
  await writeAci({
    manifest: Buffer.from(JSON.stringify(manifest)),
    rootfs,
    out,
    compression: 'none',
  });
}

/** Whether pods can be run here; a reason otherwise. */
export const NO_PODS = process.getuid?.() !== 0 && 'needs root';
