import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { NO_PODS } from './pod-image.ts';
import {
  directoryOf,
  everybody,
  type Place,
  type RunningPod,
  rootsPlace,
  startPod,
  until,
} from './running-pod.ts';
import { startOnTerminal } from './terminal.ts';

const skip = NO_PODS;
const STREAMS = ['--stdin=stream', '--stdout=stream', '--stderr=stream'];
const TTY = ['--stdin=tty', '--stdout=tty', '--stderr=tty'];
const size = { rows: 33, columns: 101 };

/** Somebody attached by pipes. */
function attach(place: Place, pod: RunningPod, ...flags: readonly string[]) {
  const [file, ...argv] = place.command;
  const child = spawn(file, [...argv, 'attach', ...flags, pod.uuid], {
    env: { PATH: process.env['PATH'] ?? '', ...place.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (bytes) => (output += bytes));
  child.stderr.on('data', (bytes) => (errors += bytes));
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return {
    child,
    ended,
    output: () => output,
    errors: () => errors,
    type: (text: string) => child.stdin.write(text),
  };
}

/** The processes of a supervisor that attend to apps. */
function attendants({ child }: RunningPod): readonly number[] {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  return children.map(Number).filter((pid) => pid > 0 && isAttendant(pid));
}

function isAttendant(pid: number): boolean {
  return /^stage1\0attend/.test(cmdline(pid));
}

function cmdline(pid: number): string {
  return existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
}

function privateMemory(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...rollup.matchAll(/^Private_\w+: +(\d+) kB/gm)].reduce((sum, [, kB]) => sum + Number(kB), 0);
}

const asleep = (pod: RunningPod) => () => /^stage1\0asleep/.test(cmdline(pod.child.pid ?? 0));

for (const { who, skip: reason, place: placeOf } of everybody)
  test(`${who}: an attached client brings input, its end too, and gets both outputs; the app's end and status are the client's`, {
    skip: reason,
  }, async () => {
    using place = await placeOf();
    const script = 'while read line; do echo "<$line>"; echo "not $line" >&2; done; echo at the end; exit 3';
    using pod = await startPod(place, [place.image, ...STREAMS, '--', script]);
    assert.equal(place.tsrkt(['attach', '--mode=list', pod.uuid]).stdout, 'stdin\nstdout\nstderr\n');
    const client = attach(place, pod);
    client.type('one\ntwo\n');
    await until('an answer', () => client.output().includes('<two>'));
    client.child.stdin.end();
    assert.equal(await client.ended, 3);
    assert.deepEqual(
      [client.output(), client.errors()],
      ['<one>\n<two>\nat the end\n', 'not one\nnot two\n'],
    );
    assert.equal(await pod.ended, 3);
  });

test('an app on a terminal is attached to with the size of ours, detached from by keys, and lives on', {
  skip,
}, async () => {
  using place = await rootsPlace();
  const stty = '/bin/busybox stty size';
  const script = `trap "${stty}" WINCH; while :; do read line && echo "<$line>"; done`;
  using pod = await startPod(place, [place.image, ...TTY, '--', script]);
  const command = [`--dir=${place.data}`, 'attach', pod.uuid];
  using user = startOnTerminal(command, size);
  await user.see(/33 101\r\n/);
  user.resize({ rows: 20, columns: 60 });
  await user.see(/20 60\r\n/);
  user.type('hello\n');
  await user.see(/<hello>\r\n/);
  user.type('\x10\x11');
  assert.equal(await user.ended(), 0);
  using again = startOnTerminal([...command, '--detach-keys=ctrl-a,d'], size);
  await again.see(/33 101\r\n/);
  again.type('again\n');
  await again.see(/<again>\r\n/);
  again.type('\x01d');
  assert.equal(await again.ended(), 0);
  assert.equal(place.tsrkt(['stop', pod.uuid]).status, 0);
});

for (const { who, skip: reason, place: placeOf } of everybody)
  test(`${who}: an app has a terminal for the streams that want one, and others for others`, {
    skip: reason,
  }, async () => {
    using place = await placeOf();
    const script =
      'test -t 0 || echo no input; test -t 1 && echo screen >/dev/console; test -t 2 || echo no errors >&2; sleep 1';
    const flags = ['--stdin=null', '--stdout=tty', '--stderr=stream'];
    using pod = await startPod(place, [place.image, ...flags, '--', `sleep 1; ${script}`]);
    assert.equal(place.tsrkt(['attach', '--mode=list', pod.uuid]).stdout, 'tty-in\ntty-out\nstderr\n');
    const client = attach(place, pod, '--mode=tty-out,stderr');
    assert.equal(await client.ended, 0);
    assert.deepEqual([client.output(), client.errors()], ['no input\r\nscreen\r\n', 'no errors\n']);
  });

test('keys that are piped to an app on a terminal end with a Ctrl-D', { skip }, async () => {
  using place = await rootsPlace();
  const script = 'while read line; do echo "<$line>"; done; exit 7';
  using pod = await startPod(place, [place.image, ...TTY, '--', script]);
  const client = attach(place, pod, '--mode=tty');
  client.child.stdin.end('one\ntwo\n');
  assert.equal(await client.ended, 7);
  assert.match(client.output(), /<one>\r\n(.*\r\n)?<two>\r\n/);
  assert.equal(await pod.ended, 7);
});

for (const { who, skip: reason, place: placeOf } of everybody)
  test(`${who}: attach exits as the app does that ends meanwhile, and with 0 where it only closes its streams`, {
    skip: reason,
  }, async () => {
    using place = await placeOf();
    const app = (name: string, script: string) => [
      ...[place.image, `--name=${name}`, ...STREAMS, '--', `read go; ${script}`, '---'],
    ];
    using pod = await startPod(place, [
      '--exit-on=all',
      ...app('fails', 'exit 42'),
      ...app('killed', 'kill -9 $$'),
      ...app('quiet', 'exec >&- 2>&-; sleep 100'),
      ...app('again', 'exit 5'),
    ]);
    const statusOf = (name: string) => {
      const client = attach(place, pod, `--app=${name}`);
      client.type('go\n');
      return client.ended;
    };
    const statuses = ['fails', 'killed', 'quiet'].map(statusOf);
    assert.deepEqual(await Promise.all(statuses), [42, 137, 0]);
    await until('sleep', asleep(pod));
    assert.equal(await statusOf('again'), 5);
    assert.equal(place.tsrkt(['stop', pod.uuid]).status, 0);
  });

test('input that is piped in before anybody reads it is not lost', { skip }, async () => {
  using place = await rootsPlace();
  const script = 'sleep 1; /bin/busybox wc -c; exit 3';
  using pod = await startPod(place, [place.image, '--stdin=stream', '--stdout=log', '--', script]);
  const client = attach(place, pod, '--mode=stdin');
  client.child.stdin.end('a'.repeat(100_000));
  assert.equal(await client.ended, 0);
  assert.equal(await pod.ended, 3);
  assert.equal(place.tsrkt(['logs', pod.uuid]).stdout, '100000\n');
});

test('an app that prints 100 MB is not held up by nobody, nor by a client that does not read', {
  skip,
}, async () => {
  using place = await rootsPlace();
  const script =
    'read go; /bin/busybox head -c 100000000 /dev/zero; echo done >&2; read go; echo seen; read go';
  using pod = await startPod(place, [place.image, '--stdin=stream', '--stdout=stream', '--', script]);
  const lazy = attach(place, pod, '--mode=stdout');
  lazy.child.stdout.pause();
  const typist = attach(place, pod, '--mode=stdin,stdout');
  typist.child.stdout.pause();
  typist.type('go\n');
  await until('100 MB', () => /done/.test(pod.output()));
  const [attendant = 0] = attendants(pod);
  assert.ok(privateMemory(attendant) < 80_000, `${privateMemory(attendant)} kB`);
  typist.child.stdout.resume();
  typist.type('go\n');
  await until('what comes later', () => /seen\n$/.test(typist.output()));
  assert.match(typist.errors(), /attach: \d+ bytes of output were left out/);
  lazy.child.kill('SIGKILL');
  typist.child.kill('SIGKILL');
  await until('sleep', () => /^stage1\0attending/.test(cmdline(attendant)));
  assert.equal(existsSync(`/proc/${attendant}`), true);
});

test('an app that prints 100 MB while nobody is attached does so at once, and its attendant stays small', {
  skip,
}, async () => {
  using place = await rootsPlace();
  const script = '/bin/busybox head -c 100000000 /dev/zero; echo done >&2; sleep 100';
  using pod = await startPod(place, [place.image, '--stdout=stream', '--', script]);
  await until('100 MB', () => /done/.test(pod.output()));
  const [attendant = 0] = attendants(pod);
  assert.ok(privateMemory(attendant) <= 32, `${privateMemory(attendant)} kB`);
});

test('one can attach while the supervisor sleeps, several at once, over restarts of the app', {
  skip,
}, async () => {
  using place = await rootsPlace();
  const script = 'echo begin; read line; echo "<$line>"; exit 1';
  using pod = await startPod(place, [place.image, ...STREAMS, '--restart=always', '--', script]);
  await until('sleep', asleep(pod));
  const [one, other] = [attach(place, pod), attach(place, pod, '--mode=stdout')];
  await setTimeout(500);
  one.type('a\n');
  await until('a restart', () => /<a>\nbegin\n/.test(one.output()) && /<a>\nbegin\n/.test(other.output()));
  one.type('b\n');
  await until('the second', () => /<b>\n/.test(one.output()) && /<b>\n/.test(other.output()));
  assert.equal(attendants(pod).length, 1);
  one.child.kill('SIGKILL');
  other.child.kill('SIGTERM');
  await until('the attendant to sleep', () => attendants(pod).every((pid) => /attending/.test(cmdline(pid))));
  assert.equal(place.tsrkt(['stop', pod.uuid]).status, 0);
  await pod.ended;
});

test('a killed supervisor leaves no attendant, asleep or awake, and gc nothing of it', { skip }, async () => {
  using place = await rootsPlace();
  using pod = await startPod(place, [
    ...[place.image, '--name=a', ...STREAMS, '--', 'while :; do echo here; sleep 0.1; done', '---'],
    ...[place.image, '--name=b', ...TTY, '--', 'sleep 100'],
  ]);
  const client = attach(place, pod, '--app=a', '--mode=stdout');
  await until('output', () => client.output().includes('here'));
  const pids = attendants(pod);
  assert.equal(pids.length, 2);
  const socket = join(directoryOf(place, pod), 'apps/a/attach');
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  pod.child.kill('SIGKILL');
  assert.equal(await client.ended, 254);
  assert.match(client.errors(), /the connection was lost/);
  await until('their ends', () => !pids.some(isAttendant));
  await until('gc', () => {
    place.tsrkt(['gc', '--grace-period=0s']);
    return !existsSync(socket) && place.tsrkt(['list', '--no-legend']).stdout === '';
  });
});

test('a client that is killed while its input waits for an app that does not read costs no time', {
  skip,
}, async () => {
  using place = await rootsPlace();
  using pod = await startPod(place, [place.image, ...STREAMS, '--', 'sleep 100']);
  const client = attach(place, pod, '--mode=stdin,stdout');
  client.child.stdin.on('error', () => {}); // EPIPE, when it is killed
  client.type('a'.repeat(2_000_000));
  await setTimeout(700);
  client.child.kill('SIGKILL');
  await setTimeout(300);
  const [attendant = 0] = attendants(pod);
  const before = ticks(attendant);
  await setTimeout(1000);
  assert.ok(ticks(attendant) - before < 10, `${ticks(attendant) - before} ticks`);
  assert.ok(privateMemory(attendant) < 80_000, `${privateMemory(attendant)} kB`);
});

/** How long a process ran, in hundredths of a second: proc(5), stat, utime and stime. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
