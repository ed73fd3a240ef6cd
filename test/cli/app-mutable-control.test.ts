import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { POLL, poll } from '../../linux/poll.ts';
import { connectSeqpacket, receiveMessage, sendMessage } from '../../linux/seqpacket.ts';
import { CONTROL_SOCKET } from '../../schema/pod-control.ts';
import { NO_PODS } from './pod-image.ts';
import { directoryOf, type Place, type RunningPod, rootsPlace, startSandbox, until } from './running-pod.ts';
import { add, done, stateOf, stop, supervisorName } from './sandbox.ts';

const skip = NO_PODS;

function connect(place: Place, pod: RunningPod): number {
  return connectSeqpacket(join(directoryOf(place, pod), CONTROL_SOCKET));
}

/** What comes within so many milliseconds. */
function hear(socket: number, ms: number): Buffer | 'none' | 'gone' {
  poll([{ fd: socket, events: POLL.POLLIN }], ms);
  return receiveMessage(socket, 65_536);
}

test('what is no request is answered in words, and the pod goes on', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startSandbox(me);
  for (const [message, why] of [
    ['hello', /^request: /],
    ['{"op":"format","app":"a"}', /^request: op: expected one of/],
    ['{"op":"start","app":"../a"}', /^request: app: expected an AC name/],
    ['{"op":"start","app":"a","app":"b"}', /^request: .*given twice/],
    [`"${'a'.repeat(100_000)}"`, /^request: /],
    ['{"op":"start","app":"a"}', /^the pod has no app "a"$/],
  ] as const) {
    const socket = connect(me, pod);
    assert.equal(sendMessage(socket, Buffer.from(message)), 'sent');
    const reply = JSON.parse(String(hear(socket, 5000)));
    assert.equal(reply.result, 'failed');
    assert.match(reply.why, why);
    assert.equal(hear(socket, 5000), 'gone');
    closeSync(socket);
  }
  await stop(me, pod);
});

test('who connects and says nothing is sent away; others wait so long, the supervisor sleeps again', {
  skip,
}, async () => {
  using me = await rootsPlace();
  done(me, 'fetch', me.image);
  using pod = await startSandbox(me);
  add(me, pod, 'web', 'exec sleep 1000');
  const silent = Array.from({ length: 16 }, () => connect(me, pod));
  done(me, 'app', 'start', pod.uuid);
  assert.deepEqual(
    silent.map((socket) => hear(socket, 1000)),
    silent.map(() => 'gone'),
  );
  for (const socket of silent) closeSync(socket);
  await until('it sleeps', () => supervisorName(pod).startsWith('stage1 asleep'));
  const gone = connect(me, pod); // who asks, and does not wait for the answer
  sendMessage(gone, Buffer.from('{"op":"stop","app":"web"}'));
  closeSync(gone);
  await until('it is stopped', () => stateOf(me, pod, 'web') === 'exited');
  await until('it sleeps', () => supervisorName(pod).startsWith('stage1 asleep'));
  await stop(me, pod);
});
