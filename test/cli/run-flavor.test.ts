import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBox, NO_PODS, podFixture } from './pod-image.ts';
import { type Place, type RunningPod, rootsPlace, startPod, until } from './running-pod.ts';

const skip = NO_PODS;
const FLY = ['run', '--stage1=fly'];

test('--stage1=fly runs an app with files of its own and all else of the host', { skip }, async () => {
  using pod = await podFixture();
  const script = 'ls /bin/busybox; id -u; pwd; hostname; stat -c %a /tmp; echo $AC_APP_NAME; exit 3';
  const flags = ['--user=7', '--group=8', '--working-dir=/srv'];
  const { status, stdout, stderr } = pod.tsrkt([...FLY, pod.image, ...flags, '--', script]);
  assert.deepEqual([status, stderr], [3, '']);
  const lines = stdout.trim().split('\n');
  assert.deepEqual(lines.slice(0, 5), ['/bin/busybox', '7', '/srv', hostname(), '1777']);
  assert.equal(lines.at(-1), 'box');
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(pod.data), false);
});

test('with fly the process of tsrkt becomes the app, and the pod lives as long as it', { skip }, async () => {
  using place = await rootsPlace();
  using pod = await startFly(place, 'trap "exit 9" TERM; while :; do sleep 0.05; done');
  const files = join(place.data, 'pods/run', pod.uuid);
  const pid = readFileSync(join(files, 'pid'), 'utf8').trim();
  assert.equal(pid, `${pod.child.pid}`);
  const isApp = () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sh\0');
  await until('the process is the app', isApp);
  const entered = place.tsrkt([
    'enter',
    pod.uuid,
    '/bin/sh',
    '-c',
    'ls -d /bin/busybox /home; echo $AC_APP_NAME',
  ]);
  assert.equal(entered.stdout, '/bin/busybox\nbox\n', entered.stderr);
  assert.equal(place.tsrkt(['rm', pod.uuid]).status, 254);
  assert.equal(place.tsrkt(['stop', pod.uuid]).status, 0);
  assert.equal(await pod.ended, 9);
  await until('the pod has ended', () => /^state=exited\n/.test(place.tsrkt(['status', pod.uuid]).stdout));
  assert.equal(place.tsrkt(['rm', pod.uuid]).status, 0);
});

function startFly(place: Place, script: string): Promise<RunningPod> {
  return startPod(place, ['--net=host', '--stage1=fly', place.image, '--', script]);
}

test('what an app of fly mounts below a shared volume, the host sees', { skip }, async () => {
  using pod = await podFixture();
  const script = [
    'set -e; mkdir=/bin/busybox; M="/bin/busybox mount"',
    '/bin/busybox mkdir /data/below; $M -t tmpfs of-fly /data/below; touch /data/below/x',
  ].join('; ');
  const volume = join(pod.path, 'volume');
  mkdirSync(volume);
  // a host of its own, so that nothing is left on this one: unshare(1) makes its mounts shared among themselves
  const flags = `--volume=v,kind=host,source=${volume} --mount=volume=v,target=/data`;
  const tsrkt = `${join(import.meta.dirname, '../../dist/tsrkt')} --dir=${pod.data} --insecure-options=image`;
  const outer = `mount --bind ${volume} ${volume} && mount --make-shared ${volume} && ${tsrkt} run --stage1=fly ${flags} ${pod.image} -- '${script}'; ls ${volume}/below`;
  const { spawnSync } = await import('node:child_process');
  const { stdout, stderr } = spawnSync('unshare', ['-m', '--propagation=private', 'sh', '-c', outer], {
    encoding: 'utf8',
  });
  assert.equal(stdout, 'x\n', stderr);
});

test('fly refuses what it does not have, and says which isolators have no effect', { skip }, async () => {
  using pod = await podFixture();
  const image = join(pod.path, 'points.aci');
  const app = { exec: ['/bin/sh', '-c'], user: '0', group: '0' };
  await makeBox(join(pod.path, 'points'), image, {
    app: { ...app, mountPoints: [{ name: 'db', path: '/db' }] },
  });
  const refuse = (args: readonly string[]) => pod.tsrkt([...FLY, ...args]).stderr;
  assert.equal(
    refuse([pod.image, '--name=a', '--', 'true', '---', pod.image, '--name=b', '--', 'true']),
    'run: fly only supports 1 application per Pod for now\n',
  );
  assert.equal(refuse([image, '--', 'true']), 'run: missing volume for mountpoint "db"\n');
  assert.match(
    refuse(['--net=none', pod.image]),
    /^run: --stage1=fly: the app is in the network of the host\n/,
  );
  const { status, stderr } = pod.tsrkt([...FLY, pod.image, '--memory=64Mi', '--', 'true']);
  assert.deepEqual(
    [status, stderr],
    [0, 'run: warning: --stage1=fly: isolator resource/memory has no effect\n'],
  );
  assert.match(
    pod.tsrkt(['run', '--stage1=kvm', pod.image]).stderr,
    /^run: --stage1: expected default or fly/,
  );
});

test('an app of fly that cannot be executed is one sentence with the errno', { skip }, async () => {
  using pod = await podFixture();
  const { status, stderr } = pod.tsrkt([...FLY, pod.image, '--exec=/bin/none']);
  assert.deepEqual(
    [status, stderr],
    [254, 'stage1: app "box": execute /bin/none: ENOENT (No such file or directory)\n'],
  );
});

test('--dry-run of a fly pod prints its program', { skip }, async () => {
  using pod = await podFixture();
  const { status, stdout } = pod.tsrkt([...FLY, '--dry-run', pod.image, '--', 'x']);
  assert.equal(status, 0);
  assert.match(stdout, /\nunshare\(CLONE_NEWNS\)\n(.*\n)*execve\("\/bin\/sh", \["\/bin\/sh", "-c", "x"\]/);
});

test('--stage1-path runs pods by another stage1, which is told what the contract says', {
  skip,
}, async () => {
  using pod = await podFixture();
  const stage1 = join(pod.path, 'other-stage1');
  const script = [
    '#!/bin/sh',
    '[ "$1" = gc ] && exit 0',
    'echo "$1 $(basename "$PWD")" "$2"',
    'ls network.json runtime.json sandbox.json apps/box/config.json > /dev/null || exit 1',
    '[ -e /proc/self/fd/$TSRKT_LOCK_FD ] && exit 42',
  ].join('\n');
  writeFileSync(stage1, `${script}\n`);
  chmodSync(stage1, 0o755);
  const { status, stdout } = pod.tsrkt([
    'run',
    '--net=none',
    `--stage1-path=${stage1}`,
    pod.image,
    '--',
    'true',
  ]);
  const uuid = pod.tsrkt(['list', '--full', '--no-legend']).stdout.slice(0, 36);
  assert.deepEqual([status, stdout], [42, `run ${uuid} ${uuid}\n`]);
  assert.equal(pod.tsrkt(['rm', uuid]).status, 0);
});
