import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { everybody, type Place, type RunningPod, rootsPlace, startPod, until } from './running-pod.ts';
import { startOnTerminal } from './terminal.ts';

const skip = NO_PODS;

/** What a process is, as it sees itself; and an app that writes that down before it sleeps. */
const SELF =
  'cd /proc/self; busybox grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)" status; busybox tail -n +1 cgroup oom_score_adj limits; ' +
  'for n in pid net ipc uts mnt user cgroup; do busybox readlink ns/$n; done';
const SELF_KNOWING = `{ ${SELF}; } > /tmp/self; exec sleep 1000`;

for (const { who, skip: skipped, place } of everybody) {
  test(`tsrkt enter by ${who}: the command is what the app is`, { skip: skipped }, async () => {
    using me = await place();
    using pod = await startPod(me, [me.image, '--', SELF_KNOWING]);
    const { status, stdout, stderr } = me.tsrkt(['enter', pod.uuid, 'sh', '-c', SELF]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(stdout, me.tsrkt(['enter', pod.uuid, 'cat', '/tmp/self']).stdout);
  });

  test(`tsrkt enter by ${who} passes on status, signals, output and its lack of input`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
    assert.equal(me.tsrkt(['enter', pod.uuid, 'sh', '-c', 'exit 42']).status, 42);
    assert.equal(me.tsrkt(['exec', pod.uuid, 'sh', '-c', 'kill -9 $$']).status, 137);
    const { stdout, stderr } = me.tsrkt(['enter', pod.uuid, '--', 'sh', '-c', 'cat; echo out; echo err >&2']);
    assert.deepEqual([stdout, stderr], ['out\n', 'err\n']);
  });
}

const WEB = [
  '--user=web',
  '--group=staff',
  '--supplementary-gids=7',
  '--working-dir=/etc',
  '--environment=A=1',
];

test('the command has the user, groups, directory and environment of the app', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, ...WEB, '--', SELF_KNOWING]);
  const script = `id -u; id -G; pwd; echo $A $AC_APP_NAME; ${SELF}`;
  const { stdout } = me.tsrkt(['enter', pod.uuid, 'sh', '-c', script]);
  const self = me.tsrkt(['enter', pod.uuid, 'cat', '/tmp/self']).stdout;
  assert.equal(stdout, `101\n50 7\n/etc\n1 box\n${self}`);
});

test('CVE-2019-10144: tsrkt enter gives no capability that the app has not', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--caps-retain=CAP_KILL', '--', 'exec sleep 1000']);
  const sets = (...flags: readonly string[]) =>
    me.tsrkt(['enter', ...flags, pod.uuid, 'busybox', 'grep', '^Cap', '/proc/self/status']).stdout;
  assert.deepEqual([...sets().matchAll(/0000000000000020/g)].length, 3, sets());
  assert.equal(me.tsrkt(['enter', pod.uuid, 'busybox', 'chown', '1', '/etc']).status, 1);
  const own = /^CapEff:.*/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0] ?? '';
  assert.ok(sets('--privileged-enter').includes(own));
});

test('CVE-2019-10145: tsrkt enter loads the filter of system calls that the app has', { skip }, async () => {
  using me = await rootsPlace();
  const filter = '--seccomp=mode=remove,errno=EXDEV,mkdir,mkdirat';
  using pod = await startPod(me, [me.image, filter, '--', 'exec sleep 1000']);
  const mkdir = (...flags: readonly string[]) =>
    me.tsrkt(['enter', ...flags, pod.uuid, 'busybox', 'mkdir', '/tmp/x']).stderr;
  assert.match(mkdir(), /Invalid cross-device link|Cross-device link/);
  assert.match(statusOf(me, pod), /^Seccomp:\t2$/m);
  assert.equal(mkdir('--privileged-enter'), '');
});

test('CVE-2019-10145: tsrkt enter loads the default filter where the app has that', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  const own = readFileSync(`/proc/${appPid(me, pod)}/status`, 'utf8');
  const seccomp = (status: string) => /^Seccomp.*$/gm.exec(status)?.[0];
  assert.equal(seccomp(statusOf(me, pod)), 'Seccomp:\t2');
  assert.equal(seccomp(own), 'Seccomp:\t2');
});

test('CVE-2019-10147: tsrkt enter puts the command into the cgroups of the app', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--memory=64M', '--cpu=500m', '--', 'exec sleep 1000']);
  const [file, ...flags] = me.command;
  const entered = spawn(file, [...flags, 'enter', pod.uuid, 'sleep', '999'], { stdio: 'ignore' });
  const listed = () => JSON.parse(me.tsrkt(['top', '--format=json', pod.uuid]).stdout || '[]');
  const find = () => listed().find(({ command }: { command: string }) => command === 'sleep 999');
  await until('the command runs', () => find() !== undefined);
  const cgroup = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  assert.equal(cgroup(find().pid), cgroup(appPid(me, pod)));
  assert.notEqual(cgroup(find().pid), cgroup(process.pid));
  entered.kill('SIGTERM');
});

test('without a command tsrkt enter runs a shell, and says which', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  const { status, stderr } = me.tsrkt(['enter', pod.uuid]);
  assert.deepEqual([status, stderr], [0, 'enter: no command specified, assuming "/bin/sh"\n']);
  assert.equal(me.tsrkt(['exec', pod.uuid]).status, 254);
});

test('of several apps tsrkt enter wants to know which', { skip }, async () => {
  using me = await rootsPlace();
  const app = (name: string) => [
    me.image,
    `--name=${name}`,
    '--',
    `touch /tmp/${name}; exec sleep 1000`,
    '---',
  ];
  using pod = await startPod(me, [...app('one'), ...app('two')]);
  const { status, stderr } = me.tsrkt(['enter', pod.uuid, 'ls']);
  assert.equal(status, 254);
  assert.match(stderr, /^enter: pod contains multiple apps: one, two\nhint: say which with --app=NAME\n/);
  assert.equal(me.tsrkt(['enter', '--app=two', pod.uuid, 'ls', '/tmp']).stdout, 'two\n');
  assert.match(me.tsrkt(['enter', '--app=three', pod.uuid, 'ls']).stderr, /no app "three"/);
});

test('tsrkt enter refuses what does not run, and says what cannot be executed', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  const missing = me.tsrkt(['enter', pod.uuid, '/no/such']);
  assert.deepEqual(
    [missing.status, missing.stderr],
    [254, 'stage1: enter app "box": execute /no/such: ENOENT (No such file or directory)\n'],
  );
  me.tsrkt(['stop', pod.uuid]);
  await pod.ended;
  const late = me.tsrkt(['enter', pod.uuid, 'ls']);
  assert.deepEqual([late.status, late.stderr], [254, `enter: pod "${pod.uuid}" isn't currently running\n`]);
});

test("what stands in an app's pid file is believed only if it is the app", { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  const file = join(me.data, 'pods/run', pod.uuid, 'status/box-started');
  assert.equal(readFileSync(file, 'utf8'), `${appPid(me, pod)}\n`);
  writeFileSync(file, `${process.pid}\n`);
  const { status, stderr } = me.tsrkt(['enter', pod.uuid, 'id']);
  assert.deepEqual([status, stderr], [254, `enter: supervisor for pod "${pod.uuid}" is not yet ready\n`]);
});

test("on a terminal the command has a terminal of the app's own /dev/pts, with the user's size", {
  skip,
}, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  const script = 'busybox tty; busybox stty size; read line; echo "<$line>"; exit 3';
  const args = [...me.command.slice(1), 'enter', pod.uuid, 'sh', '-c', script];
  using user = startOnTerminal(args, { rows: 33, columns: 101 });
  await user.see(/\/dev\/pts\/0\r\n33 101\r\n/);
  user.type('hello\n');
  await user.see(/<hello>/);
  assert.equal(await user.ended(), 3);
});

/** /proc/self/status of a command that enters the pod. */
function statusOf(me: Place, pod: RunningPod): string {
  return me.tsrkt(['enter', pod.uuid, 'cat', '/proc/self/status']).stdout;
}

function appPid(me: Place, pod: RunningPod, app = 'box'): number {
  return Number(readFileSync(join(me.data, 'pods/run', pod.uuid, 'status', `${app}-started`), 'utf8'));
}

test("tsrkt enter and cp work in a pod with users of its own: what they make is its root's", {
  skip,
}, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, ['--private-users', me.image, '--', SELF_KNOWING]);
  const self = me.tsrkt(['enter', pod.uuid, 'sh', '-c', SELF]);
  assert.equal(self.stdout, me.tsrkt(['enter', pod.uuid, 'cat', '/tmp/self']).stdout, self.stderr);
  assert.equal(me.tsrkt(['cp', me.image, `${pod.uuid}:/etc/copied`]).stderr, '');
  const owner = me.tsrkt(['enter', pod.uuid, 'stat', '-c', '%u %g', '/etc/copied']);
  assert.equal(owner.stdout, '0 0\n', owner.stderr);
});
