import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBox, NO_PODS } from './pod-image.ts';
import { everybody, type Place, rootsPlace, startPod, until } from './running-pod.ts';

const skip = NO_PODS;

/** An image whose handlers write down who they are. */
async function imageWithHandlers(me: Place, changes: object = {}): Promise<string> {
  const image = join(me.path, 'handlers.aci');
  const say = (what: string) => ['/bin/sh', '-c', `echo ${what} $(id -u) $(id -G) $(pwd) >> /tmp/log`];
  const app = {
    exec: ['/bin/sh', '-c'],
    user: '0',
    group: '0',
    eventHandlers: [
      { name: 'pre-start', exec: say('pre-start') },
      { name: 'post-stop', exec: say('post-stop') },
    ],
  };
  await makeBox(join(me.path, 'handlers'), image, { app, ...changes });
  return image;
}

function logOf(me: Place, uuid: string): string {
  return readFileSync(join(me.data, 'pods/run', uuid, 'apps/box/upper/tmp/log'), 'utf8');
}

function uuidOf(me: Place): string {
  return me.tsrkt(['list', '--full', '--no-legend']).stdout.slice(0, 36);
}

for (const { who, skip: skipped, place } of everybody)
  test(`event handlers of a pod of ${who} run before and after the app, as the app`, {
    skip: skipped,
  }, async () => {
    using me = await place();
    const image = await imageWithHandlers(me);
    const script = 'echo main $(id -u) $(id -G) $(pwd) >> /tmp/log; exit 3';
    const { status, stderr } = me.tsrkt(['run', '--net=none', image, '--working-dir=/etc', '--', script]);
    assert.equal(status, 3, stderr);
    assert.equal(logOf(me, uuidOf(me)), 'pre-start 0 0 /etc\nmain 0 0 /etc\npost-stop 0 0 /etc\n');
  });

test('handlers have the user of the app, or root where an annotation asks for it', { skip }, async () => {
  using me = await rootsPlace();
  const image = await imageWithHandlers(me);
  const app = ['--user=web', '--group=staff', '--supplementary-gids=7', '--', 'true'];
  me.tsrkt(['run', '--net=none', image, ...app]);
  const plain = uuidOf(me);
  assert.equal(logOf(me, plain), 'pre-start 101 50 7 /\npost-stop 101 50 7 /\n');
  me.tsrkt(['rm', plain]);
  const { status } = me.tsrkt([
    'run',
    '--net=none',
    image,
    '--annotation=tsrkt/event-handlers-as=root',
    ...app,
  ]);
  assert.equal(status, 0);
  assert.equal(logOf(me, uuidOf(me)), 'pre-start 0 0 /\npost-stop 0 0 /\n');
});

test('a pod is ready when its apps were started, not their handlers, however long those take', {
  skip,
}, async () => {
  using me = await rootsPlace();
  const image = join(me.path, 'slow.aci');
  const eventHandlers = [{ name: 'pre-start', exec: ['/bin/sleep', '3'] }];
  const app = { exec: ['/bin/sh', '-c'], user: '0', group: '0', eventHandlers };
  await makeBox(join(me.path, 'slow'), image, { app });
  const before = performance.now();
  using pod = await startPod(me, [image, '--', 'echo started; exec sleep 1000']);
  assert.ok(performance.now() - before > 3000); // the supervisor has slept meanwhile
  assert.match(me.tsrkt(['app', 'list', '--no-legend', pod.uuid]).stdout, /running/);
});

test('an app whose pre-start handler fails is not started', { skip }, async () => {
  using me = await rootsPlace();
  const eventHandlers = [{ name: 'pre-start', exec: ['/bin/sh', '-c', 'exit 4'] }];
  const app = { exec: ['/bin/sh', '-c'], user: '0', group: '0', eventHandlers };
  const image = await imageWithHandlers(me, { app });
  const { status, stdout } = me.tsrkt(['run', '--net=none', image, '--', 'echo main']);
  assert.deepEqual([status, stdout], [4, '']);
});

test('the post-stop handler runs when the pod is stopped', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [await imageWithHandlers(me), '--', 'echo main; exec sleep 1000']);
  await until('the app runs', () => pod.output().includes('main')); // the pod was ready when its handler began
  me.tsrkt(['stop', pod.uuid]);
  assert.equal(await pod.ended, 143);
  assert.match(logOf(me, pod.uuid), /pre-start .*\npost-stop .*\n$/);
});

test('--restart=on-failure starts an app again until it ends well', { skip }, async () => {
  using me = await rootsPlace();
  const script = 'echo again >> /tmp/log; [ $(busybox wc -l < /tmp/log) = 3 ]';
  const { status } = me.tsrkt(['run', '--net=none', me.image, '--restart=on-failure', '--', script]);
  assert.equal(status, 0);
  assert.equal(logOf(me, uuidOf(me)), 'again\nagain\nagain\n');
});

test('--restart=always outlives the sleep of the supervisor, and ends with tsrkt stop', {
  skip,
}, async () => {
  using me = await rootsPlace();
  const script = 'echo again >> /tmp/log; exec sleep 3';
  using pod = await startPod(me, [
    me.image,
    '--restart=always',
    '--',
    script,
    '---',
    me.image,
    '--name=other',
    '--',
    'exec sleep 1000',
  ]);
  const command = () => readFileSync(`/proc/${pod.child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  await until('the supervisor sleeps', () => command().startsWith('stage1 asleep'));
  await until('the app was started again', () => logOf(me, pod.uuid) === 'again\nagain\n');
  assert.match(me.tsrkt(['list', '--no-legend']).stdout, /running/);
  assert.equal(me.tsrkt(['enter', '--app=box', pod.uuid, 'cat', '/tmp/log']).status, 0);
  me.tsrkt(['stop', pod.uuid]);
  assert.equal(await pod.ended, 143);
});

test('--exit-on says which end of an app ends the pod', { skip }, async () => {
  using me = await rootsPlace();
  const apps = (one: string, two: string) => [
    me.image,
    '--name=one',
    '--',
    one,
    '---',
    me.image,
    '--name=two',
    '--',
    two,
  ];
  const any = me.tsrkt(['run', '--net=none', '--exit-on=any', ...apps('exit 0', 'exec sleep 1000')]);
  assert.equal(any.status, 143);
  const all = me.tsrkt(['run', '--net=none', '--exit-on=all', ...apps('exit 5', 'sleep 0.3; echo late')]);
  assert.deepEqual([all.status, all.stdout], [5, 'late\n']);
});

test('--time-offset puts the time since boot forward', { skip }, async () => {
  using me = await rootsPlace();
  const { stdout } = me.tsrkt([
    'run',
    '--net=none',
    '--time-offset=1000000',
    me.image,
    '--',
    'cat /proc/uptime',
  ]);
  const here = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  assert.ok(Math.abs(Number(stdout.split(' ')[0]) - here - 1_000_000) < 100, stdout);
});
