import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { directoryOf, rootsPlace, see, startPod } from './running-pod.ts';

const skip = NO_PODS;
const forever = 'while :; do sleep 0.05; done';

test('signals that stop nothing are handed on to the apps, and the pod goes on', { skip }, async () => {
  using pod = await rootsPlace();
  const traps = ['HUP', 'USR1', 'USR2', 'ALRM'].map((name) => `trap "echo got ${name}" ${name}`).join('; ');
  const script = `${traps}; trap "exit 3" TERM; echo ready; ${forever}`;
  using running = await startPod(pod, [pod.image, '--', script]);
  await see(running, /ready/);
  for (const name of ['HUP', 'USR1', 'USR2', 'ALRM']) {
    running.child.kill(`SIG${name}` as NodeJS.Signals);
    await see(running, new RegExp(`got ${name}\n`));
  }
  assert.match(pod.tsrkt(['status', running.uuid]).stdout, /^state=running\n/);
  running.child.kill('SIGTERM');
  assert.equal(await running.ended, 3);
});

for (const name of ['TERM', 'INT'] as const)
  test(`SIG${name} reaches every app, and the first that fails gives the status`, { skip }, async () => {
    using pod = await rootsPlace();
    const told = (app: string, status: number) =>
      `trap "echo ${app} told; exit ${status}" ${name}; echo ${app} ready; ${forever}`;
    const apps = [
      pod.image,
      '--name=a',
      '--',
      told('a', 0),
      '---',
      pod.image,
      '--name=b',
      '--',
      told('b', 4),
    ];
    using running = await startPod(pod, [...apps]);
    await see(running, /a ready/, /b ready/);
    running.child.kill(`SIG${name}`);
    assert.equal(await running.ended, 4);
    await see(running, /a told/, /b told/);
    assert.equal(readFileSync(join(directoryOf(pod, running), 'status/a'), 'utf8'), '0\n');
    assert.equal(readFileSync(join(directoryOf(pod, running), 'status/b'), 'utf8'), '4\n');
  });

test('an app that does not end when it is told to is killed after 10 seconds', { skip }, async () => {
  using pod = await rootsPlace();
  using running = await startPod(pod, [pod.image, '--', `trap "echo told" TERM; echo ready; ${forever}`]);
  await see(running, /ready/);
  const begin = performance.now();
  running.child.kill('SIGTERM');
  await see(running, /told/);
  assert.equal(await running.ended, 137);
  const seconds = (performance.now() - begin) / 1000;
  assert.ok(seconds > 9.9 && seconds < 25, `${seconds} s`);
});

for (const [name, status] of [
  ['KILL', 137],
  ['SEGV', 139],
  ['TERM', 143],
] as const)
  test(`an app that dies of SIG${name} gives ${status}`, { skip }, async () => {
    using pod = await rootsPlace();
    const run = pod.tsrkt(['run', '--net=none', pod.image, '--', `kill -${name} $$`]);
    assert.equal(run.status, status, run.stderr);
    const uuid = pod.tsrkt(['list', '--full', '--no-legend']).stdout.slice(0, 36);
    assert.match(pod.tsrkt(['status', uuid]).stdout, new RegExp(`\napp-box=${status}\n`));
  });

test('one app that fails ends the pod with its status; the others are told', { skip }, async () => {
  using pod = await rootsPlace();
  const long = `trap "echo told; exit 0" TERM; touch /dev/shm/ready; ${forever}`;
  const failing = 'while ! [ -e /dev/shm/ready ]; do sleep 0.05; done; exit 6';
  const apps = [pod.image, '--name=long', '--', long, '---', pod.image, '--name=failing', '--', failing];
  const { status, stdout } = pod.tsrkt(['run', '--net=none', ...apps]);
  assert.deepEqual([status, stdout], [6, 'told\n']);
});

test('an app that succeeds ends alone; the pod ends with its last app', { skip }, async () => {
  using pod = await rootsPlace();
  const long = 'sleep 1; echo last';
  const apps = [pod.image, '--name=long', '--', long, '---', pod.image, '--name=short', '--', 'echo first'];
  const { status, stdout } = pod.tsrkt(['run', '--net=none', ...apps]);
  assert.deepEqual([status, stdout], [0, 'first\nlast\n']);
});

test("the end of the pod's first process is the end of the pod", { skip }, async () => {
  using pod = await rootsPlace();
  using running = await startPod(pod, [pod.image, '--', 'sleep 1000']);
  process.kill(Number(readFileSync(join(directoryOf(pod, running), 'pid'), 'utf8')), 'SIGKILL');
  assert.equal(await running.ended, 137);
});
