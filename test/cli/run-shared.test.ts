import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist } from './executable.ts';
import { NO_PODS, podFixture } from './pod-image.ts';

type Pod = Awaited<ReturnType<typeof podFixture>>;
const skip = NO_PODS;

/** Runs a pod with this input. */
function runWithInput(pod: Pod, input: string, ...args: readonly string[]) {
  const argv = [`--dir=${pod.data}`, '--insecure-options=image', 'run', '--net=none', ...args];
  return spawnSync(join(dist, 'tsrkt'), argv, {
    input,
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 1 << 24,
  });
}

test('stdin, stdout and stderr are those of tsrkt, whatever their size', { skip }, async () => {
  using pod = await podFixture();
  const input = 'a line of text that is longer than nothing\n'.repeat(50_000);
  const { status, stdout, stderr } = runWithInput(pod, input, pod.image, '--', 'cat; echo done >&2; exit 3');
  assert.equal(status, 3);
  assert.equal(stdout === input, true);
  assert.match(stderr, /\ndone\n$/);
});

test('of several apps none has the standard input', { skip }, async () => {
  using pod = await podFixture();
  const app = (name: string) => [pod.image, `--name=${name}`, '--', `echo ${name} $(wc -c)`];
  const { stdout } = runWithInput(pod, 'something', ...app('a'), '---', ...app('b'));
  assert.deepEqual(stdout.trim().split('\n').sort(), ['a 0', 'b 0']);
});

test('the apps of a pod share network, host name, processes and shared memory', { skip }, async () => {
  using pod = await podFixture();
  const server = [
    'hostname > /dev/shm/hostname',
    '/bin/busybox nc -l -p 7000 > /dev/shm/received & server=$!',
    'echo $$ > /dev/shm/pid',
    'wait $server; cat /dev/shm/received',
  ].join('\n');
  const client = [
    'while ! [ -s /dev/shm/pid ]; do sleep 0.05; done',
    '[ "$(cat /dev/shm/hostname)" = "$(hostname)" ] || exit 11',
    '[ -d /proc/$(cat /dev/shm/pid) ] || exit 12',
    'while ! /bin/busybox nc -w 5 127.0.0.1 7000 < /etc/passwd; do sleep 0.05; done',
  ].join('\n');
  const apps = [pod.image, '--name=server', '--', server, '---', pod.image, '--name=client', '--', client];
  const { status, stdout, stderr } = pod.tsrkt(['run', '--net=none', '--hostname=both', ...apps]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^root:x:0:0:/);
});

test('an app finds /etc/mtab, /tmp, and the limits a service has', { skip }, async () => {
  using pod = await podFixture();
  const script =
    '/bin/busybox readlink /etc/mtab; /bin/busybox df / | wc -l; stat -c %a /tmp; ulimit -Sn; ulimit -c; stat -c "%u %a" /etc';
  const { stdout, stderr } = pod.tsrkt(['run', '--net=none', pod.image, '--', script]);
  const [link, lines, tmp, files] = stdout.split('\n');
  assert.deepEqual([link, lines, tmp, files], ['../proc/self/mounts', '2', '1777', '1024'], stderr);
  const copied = pod.tsrkt([
    'run',
    '--net=none',
    '--no-overlay',
    pod.image,
    '--',
    '/bin/busybox readlink /etc/mtab',
  ]);
  assert.equal(copied.stdout, '../proc/self/mounts\n');
});
