import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasCode } from '../../linux/system-error.ts';
import { everybody, type Place, type RunningPod, rootsPlace, startPod, until } from './running-pod.ts';
import { sdappImage } from './sdapp-image.ts';

/** A place where tsrkt is started with a listening UNIX socket, as a service manager would, and an image with a port for that. */
interface SocketPlace extends Place {
  readonly socket: string;
  readonly sdapp: string;
}

async function socketPlace(make: () => Promise<Place>, changes: object = {}): Promise<SocketPlace> {
  const place = await make();
  const ports = [{ name: 'http', protocol: 'tcp', port: 5000, socketActivated: true }];
  const app = { exec: ['/bin/sh', '-c'], user: '0', group: '0', ports, ...changes };
  const { path, image, sdapp, [Symbol.dispose]: dispose } = await sdappImage({ app });
  const socket = join(path, 'socket');
  return {
    ...place,
    image,
    socket,
    sdapp,
    command: [sdapp, 'listen', socket, 'http', ...place.command],
    [Symbol.dispose]: () => {
      place[Symbol.dispose]();
      dispose();
    },
  };
}

/** What is answered to a connection, or why none is. */
function ask({ sdapp, socket }: SocketPlace): Promise<string> {
  return new Promise((resolve) =>
    execFile(sdapp, ['ask', socket], { timeout: 20_000 }, (_, stdout, stderr) => resolve(stdout + stderr)),
  );
}

/** An app that ends takes with it who has connected a moment before. */
async function refused(place: SocketPlace): Promise<void> {
  let answer = await ask(place);
  while (answer === 'read: Connection reset by peer\n') answer = await ask(place);
  assert.equal(answer, 'connect: Connection refused\n');
}

const command = ({ child }: RunningPod) => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');

/** Whether the supervisor has the socket open. */
function keeps({ child }: RunningPod, { socket }: SocketPlace): boolean {
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find((each) => each.endsWith(` ${socket}`));
  const inode = line?.split(/\s+/)[6];
  const links = readdirSync(`/proc/${child.pid}/fd`).map((fd) => linkOf(`/proc/${child.pid}/fd/${fd}`));
  return inode !== undefined && links.includes(`socket:[${inode}]`);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}

for (const { who, skip, place: make } of everybody)
  test(`an app that is started again has its sockets again, also after the supervisor slept: ${who}`, {
    skip,
  }, async () => {
    using place = await socketPlace(make);
    using pod = await startPod(place, [place.image, '--restart=always', '--', 'exec sdapp answer']);
    for (let times = 0; times < 3; times++) assert.equal(await ask(place), '1 sockets, http\n', pod.output());
    for (let times = 0; times < 2; times++) {
      await until('the supervisor sleeps', () => command(pod).startsWith('stage1\0asleep'));
      assert.ok(keeps(pod, place));
      assert.equal(await ask(place), '1 sockets, http\n', pod.output());
    }
    assert.equal(await ask(place), '1 sockets, http\n', pod.output());
    place.tsrkt(['stop', pod.uuid]);
    await pod.ended;
    await refused(place);
  });

const [{ skip }] = everybody;

test('connections that come while an app is not there wait for it', { skip }, async () => {
  using place = await socketPlace(rootsPlace);
  using pod = await startPod(place, [place.image, '--restart=always', '--', 'exec sdapp answer']);
  const answers = await Promise.all([ask(place), ask(place), ask(place)]);
  assert.deepEqual(answers, Array(3).fill('1 sockets, http\n'), pod.output());
});

test('the supervisor keeps no socket of an app that it will not start again', { skip }, async () => {
  for (const others of [[], ['--name=other', '--restart=always', '--', 'exec sleep 1000']]) {
    using place = await socketPlace(rootsPlace);
    const more = others.length === 0 ? [] : ['---', place.image, ...others];
    using pod = await startPod(place, [place.image, '--name=web', '--', 'exec sdapp answer', ...more]);
    assert.ok(!keeps(pod, place));
    assert.equal(await ask(place), '1 sockets, http\n', pod.output());
    await refused(place);
  }
});

test('where an app has ended well and is not started again, connections are refused and do not hang', {
  skip,
}, async () => {
  using place = await socketPlace(rootsPlace);
  const web = ['--name=web', '--restart=on-failure', '--', 'exec sdapp answer'];
  const other = ['--name=other', '--', 'exec sleep 1000'];
  using pod = await startPod(place, [place.image, ...web, '---', place.image, ...other]);
  assert.ok(keeps(pod, place));
  assert.equal(await ask(place), '1 sockets, http\n', pod.output());
  await until('the socket is closed', () => !keeps(pod, place));
  await refused(place);
});

test('an app has its sockets after its pre-start handler, which has none, and then the supervisor lets go of them', {
  skip,
}, async () => {
  const say = (name: string) => ({ name, exec: ['/bin/sh', '-c', `echo ${name}: \${LISTEN_FDS-none}`] });
  const eventHandlers = [say('pre-start'), say('post-stop')];
  using place = await socketPlace(rootsPlace, { eventHandlers });
  using pod = await startPod(place, [place.image, '--', 'exec sdapp answer']);
  await until('the supervisor lets go', () => !keeps(pod, place));
  assert.equal(await ask(place), '1 sockets, http\n', pod.output());
  assert.equal(await pod.ended, 0);
  assert.match(pod.output(), /^pre-start: none\npost-stop: none\n$/m);
});
