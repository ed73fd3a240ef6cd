import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, runProgram } from './executable.ts';
import { NO_PODS, podFixture } from './pod-image.ts';

const skip = NO_PODS;
type Pod = Awaited<ReturnType<typeof podFixture>>;

test('--private-users: root of the pod is nobody on the host, its files are root’s, on an overlay', {
  skip,
}, async () => {
  using pod = await podFixture();
  const script =
    'cat /proc/self/uid_map; stat -c "%u %g" / /bin/busybox /etc/hosts /dev/shm; touch /tmp/x; mount';
  const run = pod.tsrkt(['run', '--private-users', '--net=none', pod.image, '--', script]);
  assert.deepEqual([run.status, run.stderr], [0, '']);
  const [first] = rangesOf(pod);
  assert.match(
    run.stdout.replace(/ +/g, ' '),
    new RegExp(`^ 0 ${first} 65536\n(0 0\n){4}(.*\n)*overlay on / type overlay`),
  );
  const [uuid = ''] = readdirSync(join(pod.data, 'pods/run'));
  assert.equal(lstatSync(join(pod.data, 'pods/run', uuid, 'apps/box/upper/tmp/x')).uid, 0);
});

test('--private-users: pods have ranges of their own, until they are removed', { skip }, async () => {
  using pod = await podFixture();
  const uuid = pod
    .tsrkt(['prepare', '--private-users', pod.image, '--', 'cat /proc/self/gid_map'])
    .stdout.trim();
  const [first] = rangesOf(pod);
  for (let count = 0; count < 3; count++)
    assert.equal(pod.tsrkt(['prepare', '--private-users', pod.image]).status, 0);
  assert.equal(new Set(rangesOf(pod)).size, 4);
  assert.match(pod.tsrkt(['run-prepared', '--net=none', uuid]).stdout, new RegExp(`^ +0 +${first} +65536\n`));
  assert.equal(pod.tsrkt(['rm', uuid]).status, 0);
  assert.equal(
    rangesOf(pod).some((each) => each === first),
    false,
  );
});

test('--private-users --dry-run prints what maps owners, and takes no range', { skip }, async () => {
  using pod = await podFixture();
  const { status, stdout } = pod.tsrkt(['run', '--private-users', '--dry-run', pod.image]);
  assert.equal(status, 0);
  assert.match(
    stdout,
    /\nmount_setattr\(layer0, "", AT_EMPTY_PATH, \{set=MOUNT_ATTR_IDMAP, userns=sandbox\/ns\/user\}/,
  );
  assert.equal(existsSync(pod.data), false);
});

test('--private-users: other users, copies, volumes and networks', { skip }, async () => {
  using pod = await podFixture();
  const volumes = [
    '--volume=a,kind=empty,uid=101',
    '--mount=volume=a,target=/a',
    '--volume=b,kind=tmpfs',
    '--mount=volume=b,target=/b',
  ];
  const flags = ['--private-users', '--no-overlay', '--net=default', ...volumes];
  const script = 'id -u; touch /a/x; stat -c "%u %g" /a/x /b /bin/busybox; cat /sys/class/net/eth0/operstate';
  const { status, stdout } = pod.tsrkt(['run', ...flags, pod.image, '--user=web', '--', script]);
  assert.deepEqual([status, stdout], [0, '101\n101 0\n0 0\n0 0\nup\n']);
});

test('--private-users where owners cannot be mapped: files are copied and given away, with a warning', {
  skip,
}, async () => {
  using pod = await podFixture();
  for (const name of ['lower', 'upper', 'work', 'data']) mkdirSync(join(pod.path, name));
  const options = `lowerdir=${pod.path}/lower,upperdir=${pod.path}/upper,workdir=${pod.path}/work`;
  const script = 'stat -c "%u %g" / /bin/busybox /tmp; touch /new';
  const tsrkt = `${join(dist, 'tsrkt')} --dir=${pod.data} --insecure-options=image`;
  const command = `mount -t overlay none -o ${options} ${pod.data} && exec ${tsrkt} run --private-users --net=none ${pod.image} -- '${script}'`;
  const { stdout, stderr } = runProgram('unshare', ['-m', 'sh', '-c', command]);
  assert.match(
    stderr,
    /^run: warning: private users: map the owners of .*: EINVAL .*: files are copied and given to the pod's ids/m,
  );
  assert.equal(stdout, '0 0\n0 0\n0 0\n');
});

/** The first id of each pod. */
function rangesOf(pod: Pod): readonly number[] {
  const pods = join(pod.data, 'pods');
  const directories = readdirSync(pods).flatMap((state) =>
    readdirSync(join(pods, state)).map((uuid) => join(pods, state, uuid)),
  );
  return directories.map((each) => JSON.parse(readFileSync(join(each, 'private-users'), 'utf8')).range.first);
}
