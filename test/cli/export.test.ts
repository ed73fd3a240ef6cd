import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_PODS } from './pod-image.ts';
import { everybody, type Place, rootsPlace, startPod } from './running-pod.ts';

const skip = NO_PODS;

/** A pod that changed, made and removed files, and has exited. */
function exited(me: Place, ...flags: readonly string[]): string {
  const script = 'echo new > /etc/new; echo changed > /etc/group; busybox rm /etc/passwd; chmod 0700 /etc';
  me.tsrkt(['run', '--net=none', ...flags, me.image, '--', script.replace('chmod', 'busybox chmod')]);
  return readdirSync(join(me.data, 'pods/run'))[0] ?? '';
}

const LOOK = 'cat /etc/new /etc/group; ls /etc/passwd; stat -c %a /etc';

for (const { who, skip: skipped, place } of everybody)
  for (const flags of [[], ['--no-overlay']])
    test(`tsrkt export by ${who} makes an ACI of what a pod ${flags.join('')} left`, {
      skip: skipped,
    }, async () => {
      using me = await place();
      const uuid = exited(me, ...flags);
      const out = join(me.data, 'out.aci');
      const { status, stderr } = me.tsrkt(['export', uuid, out]);
      assert.deepEqual([status, stderr], [0, '']);
      me.tsrkt(['rm', uuid]);
      const run = me.tsrkt(['run', '--net=none', out, '--', LOOK]);
      assert.equal(run.stdout, 'new\nchanged\n700\n');
      assert.match(run.stderr, /passwd: No such file/);
    });

test('tsrkt export --to=oci-archive makes an OCI image that runs', { skip }, async () => {
  using me = await rootsPlace();
  const out = join(me.path, 'out.tar');
  assert.deepEqual(me.tsrkt(['export', '--to=oci-archive', exited(me), out]).stderr, '');
  const run = me.tsrkt(['run', '--net=none', `oci-archive:${out}`, '--', LOOK]);
  assert.equal(run.stdout, 'new\nchanged\n700\n', run.stderr);
});

test('tsrkt export refuses what runs, other names, and files that are there', { skip }, async () => {
  using me = await rootsPlace();
  using pod = await startPod(me, [me.image, '--', 'exec sleep 1000']);
  const out = join(me.path, 'out.aci');
  assert.equal(
    me.tsrkt(['export', pod.uuid, out]).stderr,
    'export: pod is not exited. Only exited pods can be exported\n',
  );
  assert.match(
    me.tsrkt(['export', pod.uuid, '/tmp/x.tar']).stderr,
    /^export: extension must be \.aci \(given \/tmp\/x\.tar\)/,
  );
  writeFileSync(out, '');
  assert.equal(
    me.tsrkt(['export', pod.uuid, out]).stderr,
    'export: output ACI file exists (try --overwrite)\n',
  );
  assert.equal(existsSync(out), true);
});
