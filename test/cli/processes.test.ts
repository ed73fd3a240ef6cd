import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { everybody, type Place, rootsPlace, startPod, until } from './running-pod.ts';

const skip = NO_PODS;
const COUNT =
  'n=0; while :; do n=$((n+1)); echo $n > /tmp/n.new; busybox mv /tmp/n.new /tmp/n; sleep 0.02; done';

function counter(me: Place, uuid: string): number {
  const file = join(me.data, 'pods/run', uuid, 'apps/box/upper/tmp/n');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

for (const { who, skip: skipped, place } of everybody) {
  test(`tsrkt top lists the processes of a pod of ${who}`, { skip: skipped }, async () => {
    using me = await place();
    using pod = await startPod(me, [me.image, '--', 'sleep 999 & exec sleep 1000']);
    const { stdout } = me.tsrkt(['top', pod.uuid]);
    assert.match(stdout, /^PID +IN POD +APP +USER +STATE +MEMORY +TIME +COMMAND\n/);
    assert.match(stdout, /^\d+ +\d+ +box +\d+ +S +[\d.]+ .?i?B +\d+:\d\d\.\d\d +sleep 999$/m);
    const processes = JSON.parse(me.tsrkt(['ps', '--format=json', '--app=box', pod.uuid]).stdout);
    assert.deepEqual(processes.map(({ command }: { command: string }) => command).toSorted(), [
      'sleep 1000',
      'sleep 999',
    ]);
  });

  test(`tsrkt pause and resume by ${who}: nothing of a paused pod runs`, { skip: skipped }, async () => {
    using me = await place();
    using pod = await startPod(me, [me.image, '--', COUNT]);
    await until('it counts', () => counter(me, pod.uuid) > 2);
    const { status, stdout } = me.tsrkt(['pause', pod.uuid]);
    assert.deepEqual([status, stdout], [0, `"${pod.uuid}"\n`]);
    const before = counter(me, pod.uuid);
    me.tsrkt(['list']);
    assert.equal(counter(me, pod.uuid), before);
    assert.equal(me.tsrkt(['resume', pod.uuid]).status, 0);
    await until('it goes on', () => counter(me, pod.uuid) > before + 1);
  });
}

test('a paused pod can be stopped', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', `trap "exit 9" TERM; ${COUNT}`]);
  me.tsrkt(['pause', pod.uuid]);
  assert.equal(me.tsrkt(['stop', pod.uuid]).status, 0);
  assert.equal(await pod.ended, 9);
});

test('what is not running can neither be listed nor paused', { skip }, async () => {
  using me = await rootsPlace();
  me.tsrkt(['run', '--net=none', me.image, '--', 'true']);
  const [uuid = ''] = readdirSync(join(me.data, 'pods/run'));
  for (const command of ['top', 'pause', 'resume'])
    assert.equal(me.tsrkt([command, uuid]).stderr, `${command}: pod "${uuid}" isn't currently running\n`);
});

test('tsrkt app list, app status and app exec are about one app', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--name=one', '--', 'exec sleep 1000']);
  assert.match(me.tsrkt(['app', 'list', pod.uuid]).stdout, /^NAME +STATE\none +running\n$/);
  const status = me.tsrkt(['app', 'status', '--app=one', pod.uuid]).stdout;
  assert.match(
    status,
    /^name=one\nstate=running\nimage_id=sha512-[0-9a-f]{128}\ncreated_at=20.*\nstarted_at=20.*\n$/,
  );
  assert.equal(JSON.parse(me.tsrkt(['app', 'status', '--format=json', pod.uuid]).stdout).name, 'one');
  assert.equal(me.tsrkt(['app', 'exec', '--app=one', pod.uuid, 'sh', '-c', 'exit 6']).status, 6);
});

/** A place for a cgroup that can be frozen, of v1 or v2. */
const freezer = ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) =>
  existsSync(join(path, 'cgroup.procs')),
);

test('a pod in cgroups of its own is paused by the freezer, and can be stopped', {
  skip: skip || (freezer === undefined && 'no freezer'),
}, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', `trap "exit 9" TERM; ${COUNT}`]);
  const cgroup = join(freezer ?? '', `tsrkt-test-${process.pid}`);
  mkdirSync(cgroup);
  try {
    const record = join(me.data, 'pods/run', pod.uuid, 'cgroups.json');
    const others = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : [];
    writeFileSync(record, JSON.stringify([...others, { join: [cgroup], remove: [] }]));
    const main = readFileSync(join(me.data, 'pods/run', pod.uuid, 'status/box-started'), 'utf8');
    writeFileSync(join(cgroup, 'cgroup.procs'), main);
    await until('it counts in its cgroup', () => counter(me, pod.uuid) > 2);
    const { status, stderr } = me.tsrkt(['pause', pod.uuid]);
    assert.deepEqual([status, stderr], [0, '']);
    const before = counter(me, pod.uuid);
    me.tsrkt(['list']);
    assert.equal(counter(me, pod.uuid), before);
    me.tsrkt(['resume', pod.uuid]);
    await until('it goes on', () => counter(me, pod.uuid) > before + 1);
    me.tsrkt(['pause', pod.uuid]);
    me.tsrkt(['stop', pod.uuid]);
    assert.equal(await pod.ended, 9);
  } finally {
    await until('the cgroup is empty', () => readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') === '');
    rmdirSync(cgroup);
  }
});
