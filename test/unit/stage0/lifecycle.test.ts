import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseUuid } from '../../../schema/uuid.ts';
import { podManifestOf } from '../../../stage0/cat-manifest.ts';
import { listPods } from '../../../stage0/list.ts';
import { removePod } from '../../../stage0/remove.ts';
import { podStatus, waitUntilExited, waitUntilReady } from '../../../stage0/status.ts';
import { stopPod } from '../../../stage0/stop.ts';
import { dataDirectory, fakeStage1, leavePod, podPlaces, runningPod } from './pods-on-disk.ts';

const manifest = JSON.stringify({
  acVersion: '0.8.11',
  acKind: 'PodManifest',
  apps: [
    {
      name: 'web',
      image: {
        id: `sha512-${'0'.repeat(128)}`,
        name: 'example.com/web',
        labels: [{ name: 'version', value: '1' }],
      },
    },
  ],
});

function fill(path: string): void {
  mkdirSync(join(path, 'status'));
  writeFileSync(join(path, 'pod'), manifest);
  writeFileSync(join(path, 'pid'), '12345\n');
  writeFileSync(join(path, 'status/web-created'), '');
  writeFileSync(join(path, 'status/web-started'), '');
  writeFileSync(join(path, 'status/web'), '137\n');
  writeFileSync(
    join(path, 'net-info.json'),
    '[{"netName":"default","ifName":"eth0","ip":"172.16.28.2","mask":"255.255.255.0"}]',
  );
}

test('listPods() of a data directory that is not there is empty', () => {
  assert.deepEqual(listPods('/nowhere/at/all'), []);
});

test('listPods() reads all of a pod that ended', () => {
  using data = dataDirectory();
  const uuid = leavePod(data.path, ['run'], fill);
  const [pod] = listPods(data.path);
  assert.deepEqual(
    [pod?.uuid, pod?.state, pod?.pid, pod?.networks[0]?.ip, pod?.problems],
    [uuid, 'exited', 12345, '172.16.28.2', []],
  );
  const [app] = pod?.apps ?? [];
  assert.deepEqual(
    [app?.name, app?.state, app?.exitCode, app?.imageName],
    ['web', 'exited', 137, 'example.com/web:1'],
  );
});

test('listPods() leaves out pods that are being born or thrown away', () => {
  using data = dataDirectory();
  leavePod(data.path, ['run', 'exited-garbage', 'garbage']);
  assert.deepEqual(listPods(data.path), []);
});

const broken: readonly [string, (path: string) => void][] = [
  ['no manifest', () => {}],
  ['half a manifest', (path) => writeFileSync(join(path, 'pod'), manifest.slice(0, 50))],
  ['a manifest of another kind', (path) => writeFileSync(join(path, 'pod'), '{"acKind":"ImageManifest"}')],
  ['a directory for a manifest', (path) => mkdirSync(join(path, 'pod'))],
  [
    'a broken net-info.json',
    (path) => {
      writeFileSync(join(path, 'pod'), manifest);
      writeFileSync(join(path, 'net-info.json'), 'x');
    },
  ],
  [
    'a file in the place of status',
    (path) => {
      writeFileSync(join(path, 'pod'), manifest);
      writeFileSync(join(path, 'status'), '');
    },
  ],
];

for (const [what, damage] of broken)
  test(`a pod with ${what} is listed with its problem, and can be removed`, () => {
    using data = dataDirectory();
    const uuid = leavePod(data.path, ['run'], damage);
    const [pod] = listPods(data.path);
    assert.equal(pod?.state, 'exited');
    assert.equal(pod?.problems.length, 1);
    assert.notEqual(pod?.createdAt, undefined);
    removePod(uuid, { dataDirectory: data.path, force: true, onProblem: () => {} });
    assert.deepEqual(podPlaces(data.path), {});
  });

test('podManifestOf() gives the manifest, and says which pod has none', () => {
  using data = dataDirectory();
  const uuid = leavePod(data.path, ['run'], fill);
  assert.equal(podManifestOf(data.path, uuid).apps[0]?.name, 'web');
  const preparing = leavePod(data.path, []);
  assert.throws(() => podManifestOf(data.path, preparing), {
    message: `pod "${preparing}" has no manifest yet`,
  });
});

test('removePod() refuses a running pod', async () => {
  using data = dataDirectory();
  const { child, ended, uuid } = await runningPod(data.path);
  const context = { dataDirectory: data.path, force: true, onProblem: () => {} };
  assert.throws(() => removePod(uuid, context), { message: `pod "${uuid}" is currently running` });
  child.kill('SIGKILL');
  await ended;
  removePod(uuid, context);
  assert.deepEqual(podPlaces(data.path), {});
});

test('removePod() removes a pod that stage1 cannot tear down, and says so', () => {
  using data = dataDirectory();
  const stage1 = fakeStage1(data.path, 'exit 3');
  const uuid = leavePod(data.path, ['run'], (path) => writeFileSync(join(path, 'stage1'), `${stage1}\n`));
  const problems: string[] = [];
  removePod(uuid, { dataDirectory: data.path, force: true, onProblem: (text) => problems.push(text) });
  assert.deepEqual(problems, [
    `tear down what pod "${uuid}" left on this machine: ${stage1} gc: exit status 3`,
  ]);
  assert.deepEqual(podPlaces(data.path), {});
});

test('stopPod() ends a running pod, which status sees', async () => {
  using data = dataDirectory();
  const { ended, uuid } = await runningPod(data.path);
  assert.equal(podStatus(data.path, uuid).state, 'running');
  assert.equal(await stopPod(data.path, uuid, { force: false }), 'stopped');
  const [, signal] = await ended;
  assert.equal(signal, 'SIGTERM');
  const { state } = await waitUntilExited(data.path, uuid, 5000);
  assert.equal(state, 'exited');
  assert.equal(await stopPod(data.path, uuid, { force: true }), 'already stopped');
});

test('stopPod() with force kills', async () => {
  using data = dataDirectory();
  const { ended, uuid } = await runningPod(data.path);
  await stopPod(data.path, uuid, { force: true });
  const [, signal] = await ended;
  assert.equal(signal, 'SIGKILL');
});

test('stopPod() refuses a pod that was never run', async () => {
  using data = dataDirectory();
  const uuid = leavePod(data.path, ['prepared']);
  await assert.rejects(stopPod(data.path, uuid, { force: false }), {
    message: `pod "${uuid}" is not running`,
  });
});

test('stopPod() never signals the process that has a dead supervisor’s pid now', async () => {
  using data = dataDirectory();
  const own = `${process.pid}\n`;
  const uuid = leavePod(data.path, ['run'], (path) => writeFileSync(join(path, 'ppid'), own));
  assert.equal(await stopPod(data.path, uuid, { force: true }), 'already stopped');
});

test('waitUntilExited() gives up after its limit', async () => {
  using data = dataDirectory();
  const { child, ended, uuid } = await runningPod(data.path);
  await assert.rejects(waitUntilExited(data.path, uuid, 120), {
    message: `timed out waiting for pod "${uuid}" to finish`,
    code: 'ERR_WAIT',
  });
  child.kill('SIGKILL');
  await ended;
});

test('waitUntilReady() returns when the supervisor says so, and throws when the pod ends before', async () => {
  using data = dataDirectory();
  const { child, ended, uuid } = await runningPod(data.path);
  const ready = waitUntilReady(data.path, uuid, 5000);
  writeFileSync(join(data.path, 'pods/run', uuid, 'supervisor-status'), 'ready\n');
  assert.equal((await ready).isReady, true);
  child.kill('SIGKILL');
  await ended;
  await assert.rejects(waitUntilReady(data.path, uuid, 5000), {
    message: `pod "${uuid}" ended before it was ready`,
  });
});

test('podStatus() of a pod that is gone says that there is none', () => {
  using data = dataDirectory();
  const uuid = parseUuid('00000000-0000-4000-8000-000000000000');
  assert.throws(() => podStatus(data.path, uuid), { code: 'ERR_POD_NOT_FOUND' });
});
