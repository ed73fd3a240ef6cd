import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { dist } from './executable.ts';
import { NO_PODS, podFixture } from './pod-image.ts';

const tsrkt = join(dist, 'tsrkt');

function start(data: string, args: readonly string[]) {
  const child = spawn(tsrkt, [`--dir=${data}`, '--insecure-options=image', ...args], { stdio: 'ignore' });
  return { child, ended: once(child, 'exit') };
}

/** All that is below a directory of the data directory, by name. */
function below(...path: string[]): string[] {
  const directory = join(...path);
  return existsSync(directory) ? readdirSync(directory, { recursive: true, encoding: 'utf8' }) : [];
}

test('tsrkt run killed at any moment leaves nothing that gc does not remove', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  for (let delay = 10; delay <= 130; delay += 8) {
    const { child, ended } = start(pod.data, ['run', '--net=none', pod.image, '--', 'sleep 100']);
    await setTimeout(delay);
    child.kill('SIGKILL');
    await ended;
  }
  const gc = pod.tsrkt(['gc', '--grace-period=0s']);
  assert.deepEqual([gc.status, gc.stderr.includes('bug')], [0, false]);
  assert.equal(pod.tsrkt(['list', '--no-legend']).stdout.trim(), '');
  const pods = below(pod.data, 'pods').filter((name) => name.includes('/'));
  assert.deepEqual(pods, []);
  pod.tsrkt(['image', 'gc', '--grace-period=0s']);
  assert.deepEqual(below(pod.data, 'cas/tmp'), []);
  assert.deepEqual(below(pod.data, 'cas/tree'), []);
});

test('tsrkt prepare killed at any moment leaves pods that are whole, or that gc removes', {
  skip: NO_PODS,
}, async () => {
  using pod = await podFixture();
  for (let delay = 10; delay <= 90; delay += 8) {
    const { child, ended } = start(pod.data, ['prepare', pod.image, '--', 'exit 3']);
    await setTimeout(delay);
    child.kill('SIGKILL');
    await ended;
  }
  assert.equal(pod.tsrkt(['gc', '--grace-period=0s']).status, 0);
  for (const uuid of below(pod.data, 'pods/prepared').filter((name) => name.length === 36))
    assert.equal(pod.tsrkt(['run-prepared', '--net=none', uuid]).status, 3);
});

test('of several processes that run one prepared pod, one runs it', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  const uuid = pod.tsrkt(['prepare', pod.image, '--', 'sleep 0.2; exit 5']).stdout.trim();
  const running = [1, 2, 3].map(() => start(pod.data, ['run-prepared', '--net=none', uuid]).ended);
  const statuses = (await Promise.all(running)).map(([status]) => status);
  assert.deepEqual(statuses.sort(), [254, 254, 5]);
});

test('several processes that collect garbage do not get in each other’s way', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  for (let count = 0; count < 4; count++) pod.tsrkt(['run', '--net=none', pod.image, '--', 'true']);
  const collecting = [1, 2, 3].map(() => start(pod.data, ['gc', '--grace-period=0s']).ended);
  const statuses = (await Promise.all(collecting)).map(([status]) => status);
  assert.deepEqual(statuses, [0, 0, 0]);
  assert.equal(pod.tsrkt(['list', '--no-legend']).stdout.trim(), '');
});

test('one image imported by several processes at once is one image', { skip: NO_PODS }, async () => {
  using pod = await podFixture();
  const running = [1, 2, 3].map(
    () => start(pod.data, ['run', '--net=none', pod.image, '--', 'exit 2']).ended,
  );
  assert.deepEqual(
    (await Promise.all(running)).map(([status]) => status),
    [2, 2, 2],
  );
  assert.equal(pod.tsrkt(['image', 'list', '--no-legend']).stdout.trim().split('\n').length, 1);
});
