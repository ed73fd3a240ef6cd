import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { monotonicMicroseconds } from '../../../../linux/monotonic-clock.ts';
import { sendNotification } from '../../../../linux/notify.ts';
import { bindUnix, receiveDatagram } from '../../../../linux/unix-socket.ts';
import { managerEnvironment } from '../../../../stage1/systemd/environment.ts';
import { type Manager, openManager } from '../../../../stage1/systemd/manager.ts';
import { hear, newSpeaker, type Speaker } from '../../../../stage1/systemd/speaker.ts';

test('managerEnvironment() reads what is meant for this process', () => {
  const env = { NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '5000000', WATCHDOG_PID: '7', SYSTEMD_EXEC_PID: '7' };
  assert.deepEqual(managerEnvironment(env, 7), { notifySocket: '/run/n', watchdogMs: 5000, isParent: true });
  assert.deepEqual(managerEnvironment(env, 8), { notifySocket: '/run/n', isParent: false });
  assert.deepEqual(managerEnvironment({}, 7), { isParent: false });
});

const moment = { now: 0, offset: 0 };

test('hear() lets an app speak for itself alone', () => {
  const { speaker, forward } = hear(
    newSpeaker('web', 5),
    {
      READY: '1',
      MAINPID: '1',
      FDSTORE: '1',
      STOPPING: '1',
      STATUS: 'up\u001b[31m',
      EXTEND_TIMEOUT_USEC: '1000',
    },
    moment,
  );
  assert.deepEqual([speaker.isReady, speaker.keepsAlive], [true, false]);
  assert.deepEqual(forward, { STATUS: 'web: up [31m', EXTEND_TIMEOUT_USEC: '1000' });
  assert.deepEqual(hear(speaker, { READY: '0', EXTEND_TIMEOUT_USEC: '-1' }, moment), {
    speaker,
    forward: {},
  });
});

interface Line extends Disposable {
  readonly manager: Manager;
  /** What the service manager has heard since it was asked last. */
  readonly heard: () => readonly string[];
  /** The app says something, and the supervisor listens. */
  readonly say: (notification: Record<string, string>) => void;
  readonly isReady: () => boolean;
}

function line({ watchdogMs, speaks }: { watchdogMs?: number; speaks: boolean }): Line {
  const directory = mkdtempSync(join(tmpdir(), 'tsrkt-manager-'));
  const [ours, apps] = ['ours', 'apps'].map((name) => join(directory, name)) as [string, string];
  const manager = bindUnix(ours);
  const socket = bindUnix(apps);
  const speakers: readonly Speaker[] = speaks ? [newSpeaker('web', socket)] : [];
  let ready = false;
  const environment = {
    notifySocket: ours,
    isParent: true,
    ...(watchdogMs === undefined ? {} : { watchdogMs }),
  };
  const opened = openManager({ environment, speakers, apps: ['web'], onReady: () => (ready = true) });
  return {
    manager: opened,
    isReady: () => ready,
    heard() {
      const texts: string[] = [];
      for (let bytes = receiveDatagram(manager, 4096); bytes; bytes = receiveDatagram(manager, 4096))
        texts.push(bytes.toString());
      return texts;
    },
    say(notification) {
      sendNotification(apps, notification);
      opened.handle(new Map([[socket, 1]]));
    },
    [Symbol.dispose]() {
      for (const fd of [manager, socket]) closeSync(fd);
      rmSync(directory, { recursive: true });
    },
  };
}

test('a pod without speakers is ready when it was started, stops once, and reloads at once', () => {
  using pod = line({ speaks: false });
  pod.manager.started();
  assert.deepEqual(pod.heard(), [`MAINPID=${process.pid}\nSTATUS=running web\nREADY=1`]);
  pod.manager.reloading(new Set(['web']));
  const [reloading, ready] = pod.heard();
  assert.match(reloading ?? '', /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  assert.equal(ready, 'READY=1');
  pod.manager.stopping();
  pod.manager.stopping();
  assert.deepEqual(pod.heard(), ['STOPPING=1\nSTATUS=stopping']);
});

test('a pod with a speaker is ready when that says so, once', () => {
  using pod = line({ speaks: true });
  pod.manager.started();
  assert.deepEqual([pod.heard(), pod.isReady()], [['STATUS=waiting for web'], false]);
  pod.say({ READY: '1' });
  pod.say({ READY: '1' });
  assert.deepEqual([pod.heard().length, pod.isReady()], [1, true]);
});

test('keep-alives are sent at half the time the manager waits, and not after STOPPING', () => {
  using pod = line({ speaks: false, watchdogMs: 1000 });
  assert.equal(pod.manager.patience(0), 0);
  pod.manager.timePassed(0);
  assert.equal(pod.manager.patience(100), 400);
  pod.manager.timePassed(100);
  assert.deepEqual(pod.heard(), ['WATCHDOG=1']);
  pod.manager.timePassed(500);
  assert.deepEqual(pod.heard(), ['WATCHDOG=1']);
  pod.manager.stopping();
  assert.equal(pod.manager.patience(5000), -1);
});

test('an app that has sent a keep-alive is held to sending more', () => {
  using pod = line({ speaks: true, watchdogMs: 1000 });
  pod.manager.timePassed(0);
  assert.equal(pod.heard().length, 1); // it has not spoken yet
  pod.say({ WATCHDOG: '1' });
  pod.manager.timePassed(500);
  assert.equal(pod.heard().length, 1);
  assert.equal(pod.manager.patience(1000), -1);
  pod.manager.timePassed(1000);
  assert.deepEqual(pod.heard(), []);
  pod.say({ WATCHDOG: '1' });
  pod.manager.timePassed(1100);
  assert.deepEqual(pod.heard(), ['WATCHDOG=1']);
});

/** What the app says of a reload that it begins now, give or take. */
const begins = (after = 0) => ({
  RELOADING: '1',
  MONOTONIC_USEC: `${Number(monotonicMicroseconds()) + after}`,
});

function readyLine(): Line {
  const pod = line({ speaks: true });
  pod.manager.started();
  pod.say({ READY: '1' });
  pod.heard();
  return pod;
}

test('a pod that is asked to reload has reloaded when its app says so, and the time of that is ours', () => {
  using pod = readyLine();
  const before = Number(monotonicMicroseconds());
  pod.manager.reloading(new Set(['web']));
  const [reloading, ...others] = pod.heard();
  const [, since] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(reloading ?? '') ?? [];
  assert.ok(Number(since) >= before && Number(since) <= Number(monotonicMicroseconds()), reloading);
  assert.deepEqual(others, []);
  pod.say(begins());
  assert.deepEqual(pod.heard(), []);
  pod.say({ READY: '1' });
  assert.deepEqual(pod.heard(), ['READY=1']);
});

test('a reload that an app begins by itself is passed on, never as one of the future', () => {
  using pod = readyLine();
  pod.say(begins(60_000_000));
  const [, since] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(pod.heard()[0] ?? '') ?? [];
  assert.ok(Number(since) <= Number(monotonicMicroseconds()), since);
  pod.say({ READY: '1' });
  assert.deepEqual(pod.heard(), ['READY=1']);
});

test('an app that has never said that it reloads is waited for two seconds, and the pod may sleep until then', () => {
  using pod = readyLine();
  pod.manager.reloading(new Set(['web']));
  pod.manager.timePassed(0);
  assert.equal(pod.heard().length, 1);
  const patience = pod.manager.patience(0);
  assert.ok(patience > 1000 && patience <= 2000, `${patience}`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, patience);
  pod.manager.timePassed(0);
  assert.deepEqual([pod.heard(), pod.manager.patience(0)], [['READY=1'], -1]);
});

test('an app that ends has nothing to reload any more; one that does not run is not waited for', () => {
  using pod = readyLine();
  pod.manager.reloading(new Set());
  assert.equal(pod.heard().length, 2);
  pod.manager.reloading(new Set(['web']));
  pod.manager.running(new Set(['web']));
  assert.equal(pod.heard().length, 1);
  pod.manager.running(new Set());
  assert.deepEqual(pod.heard(), ['READY=1']);
});

test('a pod that stops says nothing of reloads', () => {
  using pod = readyLine();
  pod.say(begins());
  pod.manager.stopping();
  pod.heard();
  pod.say({ READY: '1' });
  pod.manager.reloading(new Set(['web']));
  assert.deepEqual(pod.heard(), []);
});

test('a manager that is gone does not hurt the pod', () => {
  const manager = openManager({
    environment: { notifySocket: '/nonexistent', isParent: false },
    speakers: [],
    apps: [],
    onReady: () => {},
  });
  manager.started();
  manager.stopping();
});
