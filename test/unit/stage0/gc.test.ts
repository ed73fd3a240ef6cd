import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryLock } from '../../../linux/lock.ts';
import { collectGarbage, type GcRequest, type GcStep } from '../../../stage0/gc.ts';
import { dataDirectory, fakeStage1, leavePod, podPlaces, runningPod } from './pods-on-disk.ts';

function gc(data: string, request: Partial<GcRequest> = {}): GcStep[] {
  const steps: GcStep[] = [];
  collectGarbage({
    dataDirectory: data,
    graceMs: 0,
    expirePreparedMs: 3_600_000,
    markOnly: false,
    force: false,
    onProblem: () => {},
    onStep: (step) => steps.push(step),
    ...request,
  });
  return steps;
}

test('collectGarbage() of a data directory that is not there does nothing', () => {
  assert.deepEqual(gc('/nowhere/at/all'), []);
});

test('collectGarbage() removes exited, aborted and half-born pods, and leaves prepared ones', () => {
  using data = dataDirectory();
  const prepared = leavePod(data.path, ['prepared']);
  leavePod(data.path, ['run']);
  leavePod(data.path, []);
  leavePod(data.path, ['run', 'exited-garbage']);
  leavePod(data.path, ['run', 'exited-garbage', 'garbage']);
  gc(data.path);
  assert.deepEqual(podPlaces(data.path), { prepared: [prepared] });
});

test('collectGarbage() leaves a running pod alone', async () => {
  using data = dataDirectory();
  const { child, ended, uuid } = await runningPod(data.path);
  gc(data.path);
  assert.deepEqual(podPlaces(data.path), { run: [uuid] });
  child.kill('SIGKILL');
  await ended;
  gc(data.path);
  assert.deepEqual(podPlaces(data.path), {});
});

test('collectGarbage() with markOnly moves what ended, and removes nothing', () => {
  using data = dataDirectory();
  const exited = leavePod(data.path, ['run']);
  const aborted = leavePod(data.path, []);
  gc(data.path, { markOnly: true });
  assert.deepEqual(podPlaces(data.path), { 'exited-garbage': [exited], garbage: [aborted] });
});

test('collectGarbage() keeps an exited pod for the grace period', () => {
  using data = dataDirectory();
  const uuid = leavePod(data.path, ['run']);
  const steps = gc(data.path, { graceMs: 60_000 });
  assert.deepEqual(steps, [
    { kind: 'to exited-garbage', uuid },
    { kind: 'within grace period', uuid },
  ]);
  assert.deepEqual(podPlaces(data.path), { 'exited-garbage': [uuid] });
});

test('collectGarbage() removes prepared pods that waited too long', () => {
  using data = dataDirectory();
  const uuid = leavePod(data.path, ['prepared']);
  assert.deepEqual(gc(data.path, { expirePreparedMs: 0 }), [
    { kind: 'expired prepared', uuid },
    { kind: 'removing', uuid },
  ]);
  assert.deepEqual(podPlaces(data.path), {});
});

test('collectGarbage() has the stage1 of a pod tear it down, in its directory in garbage', () => {
  using data = dataDirectory();
  const log = join(data.path, 'log');
  const stage1 = fakeStage1(data.path, `echo "$@ $(pwd)" >> ${log}`);
  const uuid = leavePod(data.path, ['run'], (path) => writeFileSync(join(path, 'stage1'), `${stage1}\n`));
  gc(data.path);
  assert.equal(readFileSync(log, 'utf8'), `gc ${uuid} ${data.path}/pods/garbage/${uuid}\n`);
});

test('collectGarbage() keeps a pod that stage1 cannot tear down, removes the others, and tries again', () => {
  using data = dataDirectory();
  const broken = fakeStage1(data.path, '[ -e "$0.repaired" ]');
  const uuid = leavePod(data.path, ['run'], (path) => writeFileSync(join(path, 'stage1'), `${broken}\n`));
  leavePod(data.path, ['run']);
  const failed = gc(data.path).filter(({ kind }) => kind === 'failed');
  assert.deepEqual(
    failed.map((step) => step.uuid),
    [uuid],
  );
  assert.deepEqual(podPlaces(data.path), { garbage: [uuid] });
  writeFileSync(`${broken}.repaired`, '');
  gc(data.path);
  assert.deepEqual(podPlaces(data.path), {});
});

test('collectGarbage() removes a pod that stage1 could not tear down twice, and says so', () => {
  using data = dataDirectory();
  const broken = fakeStage1(data.path, 'exit 3');
  leavePod(data.path, ['run'], (path) => writeFileSync(join(path, 'stage1'), `${broken}\n`));
  gc(data.path);
  const problems: string[] = [];
  gc(data.path, { onProblem: (problem) => problems.push(problem) });
  assert.deepEqual(podPlaces(data.path), {});
  assert.match(problems.join(), /^tear down what pod .*: exit status 3$/);
});

test('collectGarbage() removes a pod whose manifest is broken', () => {
  using data = dataDirectory();
  leavePod(data.path, ['run'], (path) => writeFileSync(join(path, 'pod'), '{"acKind": "nonsense"'));
  gc(data.path);
  assert.deepEqual(podPlaces(data.path), {});
});

test('collectGarbage() leaves alone what is not named as a pod', () => {
  using data = dataDirectory();
  leavePod(data.path, ['run']);
  writeFileSync(join(data.path, 'pods/garbage/README'), '');
  gc(data.path);
  assert.ok(existsSync(join(data.path, 'pods/garbage/README')));
});

test('collectGarbage() removes what a killed import left, and nothing of one that goes on', () => {
  using data = dataDirectory();
  const temporary = join(data.path, 'cas/tmp');
  for (const name of ['left', 'going-on']) mkdirSync(join(temporary, name), { recursive: true });
  writeFileSync(join(temporary, 'left/blob'), 'half');
  using lock = tryLock(join(temporary, 'going-on'), 'exclusive');
  assert.ok(lock);
  gc(data.path, { markOnly: true });
  assert.deepEqual(readdirSync(temporary).toSorted(), ['going-on', 'left']);
  gc(data.path);
  assert.deepEqual(readdirSync(temporary), ['going-on']);
});
