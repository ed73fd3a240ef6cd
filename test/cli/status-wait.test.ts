import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist } from './executable.ts';
import { NO_PODS } from './pod-image.ts';
import { type Place, rootsPlace, startPod } from './running-pod.ts';

const skip = NO_PODS;

/** Runs a command in the background; its output and status once it has ended. */
async function inBackground(place: Place, ...args: readonly string[]) {
  const child = spawn(join(dist, 'tsrkt'), [`--dir=${place.data}`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const [status] = await once(child, 'close');
  return { status, stdout };
}

test('status --wait waits for the end of a pod, however long that takes', { skip }, async () => {
  using pod = await rootsPlace();
  using running = await startPod(pod, [pod.image, '--', 'sleep 1; exit 5']);
  const waits = [['--wait'], ['--wait=true'], ['--wait=30s']].map((flag) =>
    inBackground(pod, 'status', ...flag, running.uuid),
  );
  for (const { status, stdout } of await Promise.all(waits)) {
    assert.equal(status, 0);
    assert.match(stdout, /^state=exited\n[\s\S]*\napp-box=5\n/);
  }
});

test('status --wait=false and --wait-ready=false do not wait', { skip }, async () => {
  using pod = await rootsPlace();
  using running = await startPod(pod, [pod.image, '--', 'sleep 100']);
  for (const flag of ['--wait=false', '--wait-ready=false'])
    assert.match(pod.tsrkt(['status', flag, running.uuid]).stdout, /^state=running\n/);
});

test('status --wait-ready of a pod that ended says so', { skip }, async () => {
  using pod = await rootsPlace();
  pod.tsrkt(['run', '--net=none', pod.image, '--', 'true']);
  const uuid = pod.tsrkt(['list', '--full', '--no-legend']).stdout.slice(0, 36);
  const { status, stderr } = pod.tsrkt(['status', '--wait-ready', uuid]);
  assert.deepEqual([status, stderr], [254, `status: pod "${uuid}" ended before it was ready\n`]);
  assert.equal(pod.tsrkt(['status', '--wait', uuid]).status, 0);
});

test('a pod is named by the beginning of its UUID, in either case, or by a file', { skip }, async () => {
  using pod = await rootsPlace();
  const uuids = [1, 2].map(() => pod.tsrkt(['prepare', pod.image, '--', 'true']).stdout.trim());
  const [uuid = '', other = ''] = uuids;
  let length = 1;
  while (other.startsWith(uuid.slice(0, length))) length++;
  const state = (...args: string[]) => pod.tsrkt(['status', ...args]).stdout.split('\n')[0];
  assert.equal(state(uuid.slice(0, length)), 'state=prepared');
  assert.equal(state(uuid.toUpperCase()), 'state=prepared');
  const file = join(pod.path, 'named');
  writeFileSync(file, `${uuid}\n`);
  assert.equal(state(`--uuid-file=${file}`), 'state=prepared');
  if (length > 1)
    assert.match(
      pod.tsrkt(['status', uuid.slice(0, length - 1)]).stderr,
      /^status: ambiguous uuid, 2 matches\n/,
    );
  assert.match(pod.tsrkt(['status', 'x']).stderr, /^status: no matches found for "x"\n/);
});

for (const command of ['status', 'stop'])
  test(`tsrkt ${command} of a --uuid-file that is not there exits with 1`, { skip }, async () => {
    using pod = await rootsPlace();
    const { status, stderr } = pod.tsrkt([command, '--uuid-file=/nowhere/uuid']);
    assert.deepEqual(
      [status, stderr],
      [1, `${command}: unable to resolve UUID from file "/nowhere/uuid": ENOENT\n`],
    );
  });
