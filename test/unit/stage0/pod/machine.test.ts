import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isUuid } from '../../../../schema/uuid.ts';
import { createPod } from '../../../../stage0/pod/create.ts';
import { makePodDirectories, podPath } from '../../../../stage0/pod/directory.ts';
import { movePod } from '../../../../stage0/pod/move.ts';
import { openPod } from '../../../../stage0/pod/open.ts';
import type { PodDirectory } from '../../../../stage0/pod/state.ts';
import { dataDirectory } from '../pods-on-disk.ts';

const root = join(import.meta.dirname, '../../../..');

/** Another process that makes a pod, moves it along `steps`, says its UUID, and keeps it. */
async function holder(data: string, steps: readonly PodDirectory[]) {
  const script = `
    import { createPod } from '${root}/stage0/pod/create.ts';
    import { movePod } from '${root}/stage0/pod/move.ts';
    let pod = createPod(${JSON.stringify(data)});
    for (const step of ${JSON.stringify(steps)}) pod = movePod(${JSON.stringify(data)}, pod, step);
    process.stdout.write(pod.uuid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [uuid] = await once(child.stdout!, 'data');
  const text = String(uuid);
  assert.ok(isUuid(text));
  return { child, uuid: text };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('createPod() leaves a locked pod in prepare, whose creation time is on disk', () => {
  using data = dataDirectory();
  using pod = createPod(data.path);
  assert.equal(pod.state, 'preparing');
  assert.ok(existsSync(join(podPath(data.path, 'prepare', pod.uuid), 'pod-created')));
  assert.deepEqual(readdirSync(join(data.path, 'pods/embryo')), []);
});

test('openPod() of a UUID nobody has is undefined', () => {
  using data = dataDirectory();
  makePodDirectories(data.path);
  const uuid = '00000000-0000-4000-8000-000000000000';
  assert.ok(isUuid(uuid));
  assert.equal(openPod(data.path, uuid, 'shared'), undefined);
});

const steps: readonly [PodDirectory[], string, string][] = [
  [[], 'preparing', 'aborted prepare'],
  [['prepared'], 'prepared', 'prepared'],
  [['run'], 'running', 'exited'],
  [['run', 'exited-garbage'], 'exited deleting', 'exited garbage'],
  [['run', 'exited-garbage', 'garbage'], 'deleting', 'garbage'],
];

for (const [moves, alive, killed] of steps) {
  test(`a pod whose process is killed after [${moves}] goes from ${alive} to ${killed}`, async () => {
    using data = dataDirectory();
    const { child, uuid } = await holder(data.path, moves);
    {
      using pod = openPod(data.path, uuid, 'shared');
      assert.equal(pod?.state, alive);
      assert.equal(pod?.lock, undefined);
    }
    await kill(child);
    using pod = openPod(data.path, uuid, 'exclusive');
    assert.equal(pod?.state, killed);
    assert.notEqual(pod?.lock, undefined);
  });
}

test('a pod that is read can be taken as soon as the reader has looked', () => {
  using data = dataDirectory();
  const pod = createPod(data.path);
  pod[Symbol.dispose]();
  const reader = openPod(data.path, pod.uuid, 'shared');
  assert.equal(openPod(data.path, pod.uuid, 'exclusive')?.lock, undefined);
  reader?.[Symbol.dispose]();
  using owner = openPod(data.path, pod.uuid, 'exclusive');
  assert.notEqual(owner?.lock, undefined);
});

test('two readers do not hinder each other', () => {
  using data = dataDirectory();
  const pod = createPod(data.path);
  pod[Symbol.dispose]();
  using first = openPod(data.path, pod.uuid, 'shared');
  using second = openPod(data.path, pod.uuid, 'shared');
  assert.equal(first?.state, 'aborted prepare');
  assert.equal(second?.state, 'aborted prepare');
});

test('a pod that moves while it is open is still read', () => {
  using data = dataDirectory();
  using pod = createPod(data.path);
  using reader = openPod(data.path, pod.uuid, 'shared');
  movePod(data.path, pod, 'run');
  assert.ok(existsSync(join(reader!.files, 'pod-created')));
});

test('movePod() refuses to move a pod that somebody else has', () => {
  using data = dataDirectory();
  using pod = createPod(data.path);
  using other = openPod(data.path, pod.uuid, 'shared');
  assert.throws(() => movePod(data.path, other!, 'run'), TypeError);
});
