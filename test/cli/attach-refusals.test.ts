import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram } from './executable.ts';
import { NO_PODS } from './pod-image.ts';
import { directoryOf, rootsPlace, startPod } from './running-pod.ts';

const skip = NO_PODS;
const STREAMS = ['--stdin=stream', '--stdout=stream', '--stderr=stream'];

test('attaching to what is not there is refused in words', { skip }, async () => {
  using place = await rootsPlace();
  using pod = await startPod(place, [
    ...[place.image, '--name=a', '--stdout=stream', '--', 'sleep 100', '---'],
    ...[place.image, '--name=b', '--', 'sleep 100'],
  ]);
  const stderrOf = (...args: readonly string[]) => place.tsrkt(['attach', ...args, pod.uuid]).stderr;
  assert.match(stderrOf('--app=b'), /attach to app "b": it has nothing to attach to\nhint: run it with/);
  assert.match(
    stderrOf('--app=a', '--mode=stdin'),
    /attach to app "a": it has no stdin\nhint: it has stdout\n/,
  );
  assert.match(stderrOf(), /pod contains multiple apps: a, b/);
  assert.match(stderrOf('--mode=all'), /--mode: expected auto, list/);
  assert.match(stderrOf('--detach-keys=ctrl-1'), /--detach-keys: expected keys/);
});

test('nobody but root and the owner of a pod attaches to it, also where its socket lets everybody in', {
  skip,
}, async () => {
  using place = await rootsPlace();
  const programs = join(place.path, 'programs');
  mkdirSync(programs);
  for (const name of ['stage1', ...readdirSync(dist).filter((each) => each.endsWith('.node'))])
    copyFileSync(join(dist, name), join(programs, name));
  using pod = await startPod(place, [place.image, '--name=a', ...STREAMS, '--', 'sleep 100']);
  const directory = directoryOf(place, pod);
  for (let at = join(directory, 'apps/a'); at !== dirname(place.path); at = dirname(at)) chmodSync(at, 0o755);
  const stranger = ['--reuid=64321', '--regid=64321', '--clear-groups', join(programs, 'stage1')];
  const attachAsStranger = () =>
    runProgram('setpriv', [...stranger, 'attach', 'auto', 'ctrl-p', pod.uuid, 'a'], { cwd: directory });
  assert.match(attachAsStranger().stderr, /connect to .*: EACCES/);
  chmodSync(join(directory, 'apps/a/attach'), 0o666);
  const { status, stdout, stderr } = attachAsStranger();
  assert.deepEqual([status, stdout], [254, '']);
  assert.match(stderr, /it was refused, for it is for root and the owner of the pod/);
  assert.equal(place.tsrkt(['attach', '--mode=list', pod.uuid]).status, 0);
});
