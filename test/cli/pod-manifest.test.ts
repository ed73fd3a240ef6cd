import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { type Place, rootsPlace } from './running-pod.ts';

const skip = NO_PODS;

/** A pod manifest of one app of an image in the store. */
function writeManifest(me: Place, changes: object = {}): string {
  const id = me.tsrkt(['fetch', '--full', me.image]).stdout.trim();
  const app = { exec: ['/bin/sh', '-c', 'echo "$AC_APP_NAME $A"; exit 3'], user: '0', group: '0' };
  const environment = [{ name: 'A', value: 'given' }];
  const apps = [{ name: 'mine', image: { id }, app: { ...app, environment }, ...changes }];
  const file = join(me.path, 'pod.json');
  writeFileSync(file, JSON.stringify({ acVersion: '0.8.11', acKind: 'PodManifest', apps }));
  return file;
}

test('--pod-manifest runs the pod that a file describes', { skip }, async () => {
  using me = await rootsPlace();
  const flag = `--pod-manifest=${writeManifest(me)}`;
  const run = me.tsrkt(['run', '--net=none', flag]);
  assert.deepEqual([run.status, run.stdout], [3, 'mine given\n'], run.stderr);
  const uuid = me.tsrkt(['prepare', flag]).stdout.trim();
  assert.equal(me.tsrkt(['run-prepared', '--net=none', uuid]).status, 3);
});

test('an app of a pod manifest without a section of its own is run as its image says', { skip }, async () => {
  using me = await rootsPlace();
  const run = me.tsrkt(['run', '--net=none', `--pod-manifest=${writeManifest(me, { app: undefined })}`]);
  assert.match(run.stderr, /sh: -c requires an argument/);
});

test('--pod-manifest takes no flag that says what the file says', { skip }, async () => {
  using me = await rootsPlace();
  const flag = `--pod-manifest=${writeManifest(me)}`;
  for (const other of [me.image, '--set-env=A=1', '--port=a:1', '--inherit-env', '--pull-policy=never']) {
    const { status, stderr } = me.tsrkt(['run', flag, other]);
    assert.equal(status, 254, other);
    assert.match(stderr, /^run: conflicting flags set with --pod-manifest \(see --help\)\n/, other);
  }
});

test('--pod-manifest says where a file is wrong', { skip }, async () => {
  using me = await rootsPlace();
  const { stderr } = me.tsrkt(['run', `--pod-manifest=${writeManifest(me, { name: 'Not A Name' })}`]);
  assert.match(stderr, /pod\.json: apps\[0\]\.name: /);
});
