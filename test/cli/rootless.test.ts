import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { home, loneUser, userWithRanges } from './ordinary-user.ts';
import { NO_PODS } from './pod-image.ts';

const ranged = userWithRanges();
const users = [
  { who: 'an ordinary user', user: ranged ?? loneUser, skip: NO_PODS || (!ranged && 'no user tsrkt-test') },
  { who: 'a user without ranges of ids', user: loneUser, skip: NO_PODS },
];

for (const { who, user, skip } of users) {
  test(`${who} runs an app, as root of a user namespace`, { skip }, async () => {
    using me = await home(user);
    const script = 'id -u; id -g; stat -c "%u %g" / /etc/hosts; touch /new; echo x > /dev/null; exit 7';
    const { status, stdout, stderr } = me.tsrkt(['run', '--net=none', me.image, '--', script]);
    assert.equal(stderr, '');
    assert.deepEqual([status, stdout], [7, '0\n0\n0 0\n0 0\n']);
    assert.equal(lstatSync(join(me.data, 'pods')).uid, user.uid);
  });

  test(`${who} has a pod's whole life: fetch, prepare, run-prepared, status, list, rm, gc, image rm and gc`, {
    skip,
  }, async () => {
    using me = await home(user);
    const id = me.tsrkt(['fetch', me.image]).stdout.trim();
    assert.match(id, /^sha512-[0-9a-f]{32}$/);
    const uuid = me.tsrkt(['prepare', id, '--', 'exit 5']).stdout.trim();
    assert.match(me.tsrkt(['status', uuid]).stdout, /^state=prepared\n/);
    assert.equal(me.tsrkt(['run-prepared', '--net=none', uuid]).status, 5);
    assert.match(me.tsrkt(['status', uuid]).stdout, /^state=exited\n(.*\n)+app-box=5\n/);
    assert.match(me.tsrkt(['list', '--no-legend']).stdout, /box .* exited/);
    assert.match(me.tsrkt(['image', 'list', '--no-legend']).stdout, /example\.com\/box/);
    assert.equal(me.tsrkt(['rm', uuid]).stdout, `"${uuid}"\n`);
    assert.equal(me.tsrkt(['run', '--net=host', '--no-overlay', id, '--', 'touch /x']).status, 0);
    assert.equal(me.tsrkt(['gc', '--grace-period=0s']).status, 0);
    assert.equal(me.tsrkt(['image', 'rm', 'example.com/box']).status, 0);
    assert.equal(me.tsrkt(['image', 'gc', '--grace-period=0s']).status, 0);
    assert.deepEqual(left(me.data), []);
  });

  test(`${who} stops a pod, and a killed supervisor takes its pod with it`, { skip }, async () => {
    using me = await home(user);
    for (const [end, status] of [
      ['stop', 9],
      ['kill', null],
    ] as const) {
      const { child, ended, uuid } = await start(me, 'trap "exit 9" TERM; while :; do sleep 0.05; done');
      const pause = Number(readFileSync(join(me.data, 'pods/run', uuid, 'pid'), 'utf8'));
      assert.match(me.tsrkt(['status', uuid]).stdout, /^state=running\n/);
      if (end === 'stop') assert.equal(me.tsrkt(['stop', uuid]).stdout, `"${uuid}"\n`);
      else child.kill('SIGKILL');
      assert.equal((await ended)[0], status);
      assert.match(me.tsrkt(['status', '--wait=10s', uuid]).stdout, /^state=exited\n/);
      for (let tries = 0; existsSync(`/proc/${pause}`) && tries < 200; tries++) await pauseFor(50);
      assert.equal(existsSync(`/proc/${pause}`), false);
    }
    assert.equal(me.tsrkt(['gc', '--grace-period=0s']).status, 0);
    assert.deepEqual(readdirSync(join(me.data, 'pods/exited-garbage')), []);
  });
}

test('files of an image keep their owners for a user who has ids for them', {
  skip: users[0]?.skip,
}, async () => {
  using me = await home(ranged ?? loneUser);
  const script = 'touch /tmp/mine; id -u; id -G; stat -c "%u %g" /tmp/mine';
  const app = ['--user=web', '--group=staff', '--supplementary-gids=7'];
  const { stdout, stderr } = me.tsrkt(['run', '--net=none', me.image, ...app, '--', script]);
  assert.deepEqual([stdout, stderr], ['101\n50 7\n101 50\n', '']);
  const [uuid = ''] = readdirSync(join(me.data, 'pods/run'));
  const { uid } = lstatSync(join(me.data, 'pods/run', uuid, 'apps/box/upper/tmp/mine'));
  assert.equal(uid, firstSubordinate() + 100);
  assert.equal(me.tsrkt(['rm', uuid]).status, 0);
});

test('a user without ranges is told whom they cannot have', { skip: NO_PODS }, async () => {
  using me = await home(loneUser);
  const { status, stderr } = me.tsrkt(['run', '--net=none', me.image, '--user=web', '--', 'true']);
  assert.equal(status, 254);
  assert.match(
    stderr,
    /^run: app "box" wants user 101, and you have no ids for anybody but root\nhint: ask root for ranges in \/etc\/subuid/,
  );
  assert.equal(me.tsrkt(['list', '--no-legend']).stdout, '');
});

/** The first id of the range that the test user has. */
function firstSubordinate(): number {
  const [, first] = /^tsrkt-test:(\d+):/m.exec(readFileSync('/etc/subuid', 'utf8')) ?? [];
  return Number(first);
}

/** The files of a data directory. */
function left(data: string): readonly string[] {
  const entries = readdirSync(data, { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => !lstatSync(join(data, name)).isDirectory());
}

type Home = Awaited<ReturnType<typeof home>>;

/** Starts a pod and waits until it is ready. */
async function start(me: Home, script: string) {
  const args = [...me.argv, '--insecure-options=image', 'run', '--net=none', me.image, '--', script];
  const environment = { PATH: process.env['PATH'] ?? '', ...me.environment };
  const child = spawn('setpriv', args, { stdio: 'ignore', env: environment });
  const ended = once(child, 'exit');
  const runs = join(me.data, 'pods/run');
  const uuids = () => (existsSync(runs) ? readdirSync(runs) : []).filter((uuid) => isNew(join(runs, uuid)));
  for (let tries = 0; uuids().length === 0 && tries < 500; tries++) await pauseFor(20);
  const [uuid = ''] = uuids();
  assert.equal(me.tsrkt(['status', '--wait-ready=20s', uuid]).status, 0);
  return { child, ended, uuid };
}

function isNew(pod: string): boolean {
  return !existsSync(join(pod, 'status/box'));
}

async function pauseFor(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
