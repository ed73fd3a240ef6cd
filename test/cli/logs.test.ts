import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { directoryOf, everybody, type Place, rootsPlace, startPod, until } from './running-pod.ts';

const skip = NO_PODS;

/** Runs a pod to its end: its UUID. */
function ranPod(place: Place, args: readonly string[]): string {
  const { status, stderr } = place.tsrkt(['run', '--net=none', ...args]);
  assert.equal(status, 0, stderr);
  return place.tsrkt(['list', '--full', '--no-legend']).stdout.split(/\s/)[0] ?? '';
}

const LOG = ['--stdout=log', '--stderr=log'];

for (const { who, skip: reason, place: placeOf } of everybody)
  test(`${who}: what an app with --stdout=log prints is in the pod's directory, and tsrkt logs shows it until the pod is removed`, {
    skip: reason,
  }, async () => {
    using place = await placeOf();
    const as = who === 'a user without ranges of ids' ? [] : ['--user=web'];
    const script = 'echo one; echo "a warning" >&2; sleep 0.1; echo two >/dev/stdout; printf "no end"';
    const uuid = ranPod(place, [place.image, ...LOG, ...as, '--', script]);
    const { stdout, stderr } = place.tsrkt(['logs', uuid]);
    assert.deepEqual([stdout, stderr], ['one\ntwo\nno end', 'a warning\n']);
    assert.match(
      place.tsrkt(['logs', '--prefix', '--lines=2', uuid.slice(0, 8)]).stdout,
      /^\d{4}-\S+Z box: two\n\d{4}-\S+Z box: no end\n$/,
    );
    assert.equal(place.tsrkt(['logs', '--since=2000-01-01T00:00:00Z', '--app=box', uuid]).stdout, stdout);
    assert.equal(place.tsrkt(['logs', '--since=0', uuid]).stdout, '');
    assert.equal(place.tsrkt(['rm', uuid]).status, 0);
    assert.deepEqual(readdirSync(join(place.data, 'pods/run')), []);
  });

test('the logs of several apps are shown in the order of time, or of one', { skip }, async () => {
  using place = await rootsPlace();
  const app = (name: string, script: string) => [
    place.image,
    `--name=${name}`,
    '--stdout=log',
    '--',
    script,
    '---',
  ];
  const uuid = ranPod(place, [
    ...app('a', 'echo a1; sleep 0.4; echo a2'),
    ...app('b', 'sleep 0.2; echo b1; sleep 0.4; echo b2'),
  ]);
  assert.equal(place.tsrkt(['logs', uuid]).stdout, 'a1\nb1\na2\nb2\n');
  assert.equal(place.tsrkt(['logs', '--app=b', uuid]).stdout, 'b1\nb2\n');
});

test('tsrkt logs --follow shows what comes, over restarts of the app, and ends with the pod', {
  skip,
}, async () => {
  using place = await rootsPlace();
  const script = 'echo begin; sleep 0.5; echo end; exit 1';
  using pod = await startPod(place, [place.image, '--restart=always', ...LOG, '--', script]);
  const [file, ...argv] = place.command;
  const { spawn } = await import('node:child_process');
  const logs = spawn(file, [...argv, 'logs', '--follow', pod.uuid], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  logs.stdout.on('data', (bytes) => (output += bytes));
  const ended = new Promise((resolve) => logs.once('exit', resolve));
  await until('a second start', () => /begin\nend\nbegin\n/.test(output));
  place.tsrkt(['stop', pod.uuid]);
  assert.equal(await ended, 0);
  assert.equal(pod.output().includes('begin'), false);
});

test('a log is limited, whatever an app prints, and its writer is small and ends with the pod', {
  skip,
}, async () => {
  using place = await rootsPlace();
  const script =
    'i=0; while [ $i -lt 400 ]; do echo "line $i"; i=$((i+1)); done; cat /dev/zero | /bin/busybox head -c 100000000; sleep 100';
  using pod = await startPod(place, [place.image, '--stdout=log', '--', script]);
  const logs = join(directoryOf(place, pod), 'logs');
  await until('100 MB', () => readdirSync(logs).length === 2);
  const writer = writersOf(pod.child.pid ?? 0)[0] ?? 0;
  const kilobytes = [
    ...readFileSync(`/proc/${writer}/smaps_rollup`, 'utf8').matchAll(/^Private_\w+: +(\d+) kB/gm),
  ];
  assert.ok(kilobytes.reduce((sum, [, kB]) => sum + Number(kB), 0) <= 48);
  for (const name of readdirSync(logs))
    assert.ok(statSync(join(logs, name)).size <= (8 << 20) + 20_000, name);
  pod.child.kill('SIGKILL');
  await until('the writer to end', () => writersOf(1).length === 0 && !isAlive(writer));
});

function writersOf(parent: number): readonly number[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  return children.filter(
    (pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('log-writer'),
  );
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('--stdin, --stdout and --stderr refuse what they cannot do, by name', { skip }, async () => {
  using place = await rootsPlace();
  const stderrOf = (...args: readonly string[]) => place.tsrkt(['run', ...args]).stderr;
  assert.match(stderrOf(place.image, '--stdin=log'), /^run: --stdin: expected/);
  assert.match(stderrOf(place.image, '--stdout=file'), /^run: --stdout: expected/);
  assert.match(stderrOf('--interactive', place.image, '--stdout=log'), /do not work with --interactive/);
  assert.match(
    stderrOf('--stage1=fly', '--net=host', place.image, '--stdout=log'),
    /do not work with --stage1=fly/,
  );
});

test('--stdin=null and --stdout=null are /dev/null', { skip }, async () => {
  using place = await rootsPlace();
  const script = 'exec 3>&1; cat; echo lost; stat -L -c "%t:%T" /proc/$$/fd/0 /proc/$$/fd/3 >&2; true';
  const { stderr, stdout } = place.tsrkt([
    'run',
    '--net=none',
    place.image,
    '--stdin=null',
    '--stdout=null',
    '--',
    script,
  ]);
  assert.equal(stdout, '');
  assert.match(stderr, /1:3\n1:3\n$/);
});
