import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { bunPath } from '../../scripts/bun.mjs';
import { openEngine } from '../../stage0/api.ts';
import { dist, runProgram, temporaryDirectory } from './executable.ts';
import { NO_PODS } from './pod-image.ts';
import { rootsPlace } from './running-pod.ts';

const skip = NO_PODS;

test('the example of the API runs: fetch, verify, prepare, run, list, remove', { skip }, async () => {
  using me = await rootsPlace();
  const example = join(import.meta.dirname, '../../examples/run-an-image.ts');
  const { status, stdout, stderr } = runProgram(bunPath(), [
    example,
    me.image,
    me.data,
    dist,
    'echo $GREETING; exit 3',
  ]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^fetched sha512-[0-9a-f]{128}\nhello\nended with 3\nexited: web\n0 pods are left\n$/);
});

test('an engine stops a pod, waits for it, and finds it by a prefix', { skip }, async () => {
  using me = await rootsPlace();
  const engine = openEngine({ dataDirectory: me.data, programs: dist, insecure: ['image'] });
  const uuid = await engine.prepare([{ image: me.image, args: ['exec sleep 1000'] }]);
  assert.equal((await engine.status(uuid.slice(0, 8))).state, 'prepared');
  const pod = engine.run(uuid, { net: 'none' });
  assert.equal((await engine.waitUntilReady(uuid, 20_000)).state, 'running');
  assert.deepEqual(await engine.stop(uuid), { uuid, wasRunning: true });
  assert.equal((await engine.wait(uuid, 20_000)).apps[0]?.exitCode, 143);
  assert.equal(await pod.ended, 143);
  assert.deepEqual(await engine.stop(uuid), { uuid, wasRunning: false });
  assert.equal(await engine.remove(uuid.slice(0, 8)), uuid);
});

test('an engine says by a code what is wrong', async () => {
  using directory = temporaryDirectory();
  const engine = openEngine({ dataDirectory: join(directory.path, 'data'), programs: dist });
  await assert.rejects(engine.status('x'), { code: 'ERR_POD_NOT_FOUND' });
  assert.deepEqual(await engine.list(), []);
  await assert.rejects(engine.fetch('/no/such.aci'), { code: 'ENOENT' });
});
