import assert from 'node:assert/strict';
import { chmodSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { monotonicMicroseconds } from '../../linux/monotonic-clock.ts';
import { parseNotification } from '../../linux/notify.ts';
import { bindUnix, receiveDatagram } from '../../linux/unix-socket.ts';
import { everybody, type Place, type RunningPod, rootsPlace, startPod, until } from './running-pod.ts';
import { sdappImage } from './sdapp-image.ts';

/** A place where tsrkt is told to notify the test, and an image whose app may speak. */
interface NotifyPlace extends Place {
  /** All that was heard so far, a message each. */
  readonly heard: () => readonly string[];
}

const annotations = [{ name: 'appc.io/executor/supports-systemd-notify', value: 'true' }];

async function notifyPlace(make: () => Promise<Place>): Promise<NotifyPlace> {
  const place = await make();
  const { path, image, [Symbol.dispose]: dispose } = await sdappImage({ annotations });
  const address = join(path, 'notify');
  const socket = bindUnix(address);
  chmodSync(address, 0o666);
  const heard: string[] = [];
  return {
    ...place,
    image,
    env: { ...place.env, NOTIFY_SOCKET: address },
    heard() {
      for (let bytes = receiveDatagram(socket, 4096); bytes; bytes = receiveDatagram(socket, 4096))
        heard.push(`${bytes}`);
      return heard;
    },
    [Symbol.dispose]: () => {
      place[Symbol.dispose]();
      closeSync(socket);
      dispose();
    },
  };
}

const microseconds = () => Number(monotonicMicroseconds());
const asleep = ({ child }: RunningPod) =>
  until('the supervisor sleeps', () =>
    /^stage1\0asleep/.test(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')),
  );

/** What the manager hears of a reload that it asks for by a signal: how long it took, in microseconds. */
async function reload(place: NotifyPlace, pod: RunningPod): Promise<number> {
  const before = place.heard().length;
  const asked = microseconds();
  pod.child.kill('SIGHUP');
  await until('the pod has reloaded', () => place.heard().slice(before).includes('READY=1'));
  const took = microseconds() - asked;
  const [reloading, ...others] = place.heard().slice(before);
  const { RELOADING, MONOTONIC_USEC } = parseNotification(reloading ?? '');
  assert.equal(RELOADING, '1', reloading);
  const since = Number(MONOTONIC_USEC) - asked;
  assert.ok(since >= 0 && since <= took, `${since} of ${took}`);
  assert.deepEqual(others, ['READY=1']);
  return took;
}

for (const { who, skip, place: make } of everybody)
  test(`SIGHUP is a reload that is over when the app says so, also after the supervisor slept: ${who}`, {
    skip,
  }, async () => {
    using place = await notifyPlace(make);
    using pod = await startPod(place, [place.image, '--', 'exec sdapp reload 500 0']);
    assert.match(place.heard().join(), /READY=1/);
    assert.ok((await reload(place, pod)) >= 500_000);
    await asleep(pod);
    assert.ok((await reload(place, pod)) >= 500_000);
  });

const [{ skip }] = everybody;

test('a reload that takes longer than the supervisor stays awake is heard of when it is over', {
  skip,
}, async () => {
  using place = await notifyPlace(rootsPlace);
  using pod = await startPod(place, [place.image, '--', 'exec sdapp reload 4000 0']);
  const over = reload(place, pod);
  await setTimeout(1000); // its time to be awake is not over yet
  await asleep(pod);
  assert.ok((await over) >= 4_000_000);
});

test('the clock of an app with an offset is understood, and one that lies is not passed on', {
  skip,
}, async () => {
  using place = await notifyPlace(rootsPlace);
  for (const [flags, script] of [
    [['--time-offset=3600'], 'exec sdapp reload 300 0'],
    [[], 'exec sdapp reload 300 3600000000'],
  ] as const) {
    using pod = await startPod(place, [...flags, place.image, '--', script]);
    assert.ok((await reload(place, pod)) >= 300_000, script);
  }
});

test('an app that answers the signal with a time before it has not reloaded for that signal', {
  skip,
}, async () => {
  using place = await notifyPlace(rootsPlace);
  using pod = await startPod(place, [place.image, '--', 'exec sdapp reload 100 -60000000']);
  const before = place.heard().length;
  pod.child.kill('SIGHUP');
  await setTimeout(3000);
  assert.match(place.heard().slice(before).join('\n\n'), /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
});

test('of two apps both have to have reloaded', { skip }, async () => {
  using place = await notifyPlace(rootsPlace);
  const slow = ['--name=slow', '--', 'exec sdapp reload 700 0'];
  const fast = ['--name=fast', '--', 'exec sdapp reload 100 0'];
  using pod = await startPod(place, [place.image, ...slow, '---', place.image, ...fast]);
  assert.ok((await reload(place, pod)) >= 700_000);
});

test('an app that says nothing of reloads is given two seconds to do so', {
  skip,
}, async () => {
  using place = await notifyPlace(rootsPlace);
  const script = 'trap "" HUP; sdapp notify READY=1; while :; do sleep 1000; done';
  using pod = await startPod(place, [place.image, '--', script]);
  assert.ok((await reload(place, pod)) >= 2_000_000);
});

test('an app that the signal kills is not waited for where it is started again', { skip }, async () => {
  using place = await notifyPlace(rootsPlace);
  const script = 'exec sdapp serve READY=1';
  using pod = await startPod(place, [place.image, '--restart=always', '--', script]);
  assert.ok((await reload(place, pod)) < 2_000_000);
});

test('a reload that an app begins itself is one of the pod', { skip }, async () => {
  using place = await notifyPlace(rootsPlace);
  const script =
    'sdapp notify READY=1; while :; do read line < /tmp/fifo; sdapp notify RELOADING=1; sleep 0.3; sdapp notify READY=1; done';
  using pod = await startPod(place, [place.image, '--', `mkfifo /tmp/fifo; ${script}`]);
  const before = place.heard().length;
  assert.equal(place.tsrkt(['enter', pod.uuid, '/bin/sh', '-c', 'echo now > /tmp/fifo']).status, 0);
  await until('the pod has reloaded', () => place.heard().length === before + 2);
  assert.deepEqual(place.heard().slice(before), ['RELOADING=1', 'READY=1']);
});
