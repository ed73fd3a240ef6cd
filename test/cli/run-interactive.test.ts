import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { getTermios } from '../../linux/termios.ts';
import { dist } from './executable.ts';
import { NO_PODS, podFixture } from './pod-image.ts';
import { startOnTerminal } from './terminal.ts';

type Pod = Awaited<ReturnType<typeof podFixture>>;
const skip = NO_PODS;
const size = { rows: 33, columns: 101 };

function command(pod: Pod, script: string, ...flags: readonly string[]): readonly string[] {
  const run = [`--dir=${pod.data}`, '--insecure-options=image', 'run', '--net=none', '--interactive'];
  return [...run, pod.image, ...flags, '--', script];
}

function start(pod: Pod, script: string, ...flags: readonly string[]) {
  return startOnTerminal(command(pod, script, ...flags), size);
}

test('an interactive app reads what is typed, shows what it prints, and its status is the exit status', {
  skip,
}, async () => {
  using pod = await podFixture();
  using user = start(pod, 'echo ready; read line; echo "<$line>"; exit 7');
  await user.see(/ready\r\n/);
  user.type('hello\n');
  assert.match(await user.see(/<hello>\r\n/), /ready\r\nhello\r\n<hello>\r\n$/);
  assert.equal(await user.ended(), 7);
});

test("an interactive app's terminal has the size of the user's, also when that changes", {
  skip,
}, async () => {
  using pod = await podFixture();
  const stty = '/bin/busybox stty size';
  using user = start(pod, `trap "${stty}" WINCH; ${stty}; while :; do sleep 0.1; done`);
  await user.see(/33 101\r\n/);
  user.resize({ rows: 20, columns: 60 });
  await user.see(/20 60\r\n/);
  user.type('\x03');
  assert.equal(await user.ended(), 130);
});

test('Ctrl-C is the app’s: it ends the app that does not care, and is handled by the one that does', {
  skip,
}, async () => {
  using pod = await podFixture();
  using user = start(pod, 'trap "echo got INT; exit 5" INT; echo ready; while :; do sleep 0.1; done');
  await user.see(/ready\r\n/);
  user.type('\x03');
  await user.see(/\^Cgot INT\r\n/);
  assert.equal(await user.ended(), 5);
});

test('an interactive app has a controlling terminal: a shell in it controls jobs', { skip }, async () => {
  using pod = await podFixture();
  using user = start(pod, 'exec /bin/sh -i');
  await user.see(/# /);
  user.type("sh -c 'echo $((6 * 7)); exec sleep 100'\n");
  await user.see(/42\r\n/);
  user.type('\x03');
  user.type('echo $? still here\n');
  assert.doesNotMatch(await user.see(/130 still here\r\n/), /job control|tty/);
  user.type('exit 3\n');
  assert.equal(await user.ended(), 3);
});

test('/dev/console is the terminal, and belongs to the user of the app', { skip }, async () => {
  using pod = await podFixture();
  const script =
    'echo to the console > /dev/console; stat -c "%u %F" /dev/console; /bin/busybox tty; test -t 0 && test -t 2 && echo yes';
  using user = start(pod, script, '--user=web');
  const screen = await user.see(/yes\r\n/);
  assert.match(screen, /to the console\r\n101 character special file\r\n\/dev\/console\r\nyes\r\n$/);
  assert.equal(await user.ended(), 0);
});

test("the user's terminal is raw while the pod runs, and afterwards as it was", { skip }, async () => {
  using pod = await podFixture();
  using user = start(pod, 'echo ready; read line');
  const before = Buffer.from(getTermios(user.slave));
  await user.see(/ready\r\n/);
  assert.notDeepEqual(Buffer.from(getTermios(user.slave)), before);
  user.type('\n');
  await user.ended();
  assert.deepEqual(Buffer.from(getTermios(user.slave)), before);
});

test('an interactive app whose input is a pipe has a terminal all the same, and the end of the input is a Ctrl-D', {
  skip,
}, async () => {
  using pod = await podFixture();
  const script = 'test -t 0 && while read line; do echo "<$line>"; done; exit 4';
  const { status, stdout } = spawnSync(join(dist, 'tsrkt'), command(pod, script), {
    input: 'one\ntwo\n',
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.match(stdout, /<one>\r\n(.*\r\n)?<two>\r\n/);
  assert.equal(status, 4);
});

test('--interactive is for one app only', { skip }, async () => {
  using pod = await podFixture();
  const { status, stderr } = pod.tsrkt(['run', '--interactive', pod.image, pod.image]);
  assert.equal(status, 254);
  assert.match(stderr, /^run: interactive option only supports one image\n/);
});
