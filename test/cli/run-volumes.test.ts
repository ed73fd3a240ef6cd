import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBox, NO_PODS, podFixture } from './pod-image.ts';
import { everybody } from './running-pod.ts';

const skip = NO_PODS;

for (const { who, skip: why, place } of everybody)
  test(`${who} gives apps directories and files of the host, and empty ones they share`, {
    skip: why,
  }, async () => {
    using my = await place();
    const { stdout, stderr, status } = my.tsrkt([
      'run',
      '--net=none',
      '--volume=shared,kind=empty,mode=1777',
      '--volume=memory,kind=tmpfs,size=64Ki',
      '--volume=passwd,kind=host,source=/etc/passwd,readOnly=true',
      '--mount=volume=shared,target=/shared',
      my.image,
      '--name=one',
      '--mount=volume=memory,target=/mem',
      '--',
      'echo hello > /shared/file; stat -c %a /shared; : > /mem/x; /bin/busybox dd if=/dev/zero of=/mem/x bs=4k count=32 2>/dev/null || echo full',
      '---',
      my.image,
      '--name=two',
      '--mount=volume=passwd,target=/srv/of-host',
      '--',
      'while ! [ -s /shared/file ]; do sleep 0.05; done; sleep 0.3; cat /shared/file; /bin/busybox grep -c ^root: /srv/of-host; echo x > /srv/of-host || echo no',
    ]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, '1777\nfull\nhello\n1\nno\n');
    assert.match(stderr, /\/srv\/of-host: Read-only file system/);
  });

test('what an app writes to a volume of the host is there afterwards, with what is mounted below it', {
  skip,
}, async () => {
  using pod = await podFixture();
  const data = join(pod.path, 'data-of-host');
  mkdirSync(join(data, 'sub'), { recursive: true });
  const { status, stderr } = pod.tsrkt([
    'run',
    '--net=none',
    `--volume=data,kind=host,source=${data}`,
    '--mount=volume=data,target=/a/b/c',
    pod.image,
    '--',
    'echo new > /a/b/c/sub/file',
  ]);
  assert.equal(status, 0, stderr);
  assert.equal(readFileSync(join(data, 'sub/file'), 'utf8'), 'new\n');
});

test('a read-only volume is so in the mounts below it, too, unless it is not recursive', {
  skip,
}, async () => {
  using pod = await podFixture();
  const run = (settings: string) =>
    pod.tsrkt([
      'run',
      '--net=none',
      `--volume=dev,kind=host,source=/dev,readOnly=true${settings}`,
      '--mount=volume=dev,target=/of-host',
      pod.image,
      '--',
      'touch /of-host/shm/tsrkt-x; ls /of-host/shm | wc -l; ls /of-host/null',
    ]);
  assert.match(run('').stderr, /\/of-host\/shm\/tsrkt-x: Read-only file system/);
  assert.match(run(',recursive=false').stdout, /^0\n\/of-host\/null\n/);
  assert.equal(existsSync('/dev/shm/tsrkt-x'), false);
});

test('a socket of the host can be a volume', { skip }, async () => {
  using pod = await podFixture();
  const path = join(pod.path, 'socket');
  const server = createServer().listen(path);
  try {
    const flags = [`--volume=socket,kind=host,source=${path}`, '--mount=volume=socket,target=/run/socket'];
    const { stdout } = pod.tsrkt(['run', '--net=none', ...flags, pod.image, '--', 'stat -c %F /run/socket']);
    assert.equal(stdout, 'socket\n');
  } finally {
    server.close();
  }
});

test('an image that declares a mount point gets an empty volume for it, with a warning', {
  skip,
}, async () => {
  using pod = await podFixture();
  const image = await imageWithData(pod.path, {});
  const script =
    'ls /var/lib/db | wc -l; touch /var/lib/db/x; /bin/busybox grep -c " /var/lib/db " /proc/self/mountinfo';
  const { stdout, stderr } = pod.tsrkt(['run', '--net=none', image, '--', script]);
  assert.equal(stdout, '0\n1\n');
  assert.equal(
    stderr,
    'run: warning: no volume specified for mount point "db", implicitly creating an "empty" volume. This volume will be removed when the pod is garbage-collected.\n',
  );
});

test('the implicit volume of an image converted from Docker begins with what the image has there', {
  skip,
}, async () => {
  using pod = await podFixture();
  const annotations = [{ name: 'appc.io/docker/repository', value: 'library/db' }];
  const image = await imageWithData(pod.path, { annotations });
  const script =
    'stat -c "%a %u %g" /var/lib/db; cat /var/lib/db/sub/file; echo changed > /var/lib/db/sub/file';
  for (const overlay of [[], ['--no-overlay']]) {
    const { stdout, stderr } = pod.tsrkt(['run', '--net=none', ...overlay, image, '--', script]);
    assert.equal(stdout, '1750 0 0\nof the image\n', stderr);
    assert.match(stderr, /Docker converted image, initializing implicit volume with data/);
  }
});

/** An image with a directory of data that is a mount point. */
async function imageWithData(path: string, changes: object): Promise<string> {
  const root = join(path, 'with-data');
  mkdirSync(join(root, 'var/lib/db/sub'), { recursive: true });
  writeFileSync(join(root, 'var/lib/db/sub/file'), 'of the image\n');
  chmodSync(join(root, 'var/lib/db'), 0o1750);
  const mountPoints = [{ name: 'db', path: '/var/lib/db' }];
  const image = join(path, 'with-data.aci');
  await makeBox(root, image, {
    app: { exec: ['/bin/sh', '-c'], user: '0', group: '0', mountPoints },
    ...changes,
  });
  return image;
}

test('links of the image do not lead a volume out of it: CVE-2017-1002101 and its like', {
  skip,
}, async () => {
  using pod = await podFixture();
  const outside = join(pod.path, 'outside');
  mkdirSync(outside);
  const root = join(pod.path, 'linked');
  mkdirSync(root);
  symlinkSync(outside, join(root, 'absolute'));
  symlinkSync('../../../../../../../../..', join(root, 'upwards'));
  symlinkSync('/proc/self/root', join(root, 'magic'));
  symlinkSync('/proc/self/fd', join(root, 'fds'));
  const image = join(pod.path, 'linked.aci');
  await makeBox(root, image);
  const targets = ['/absolute/x', `/upwards${outside}/x`, `/magic${outside}/x`, '/fds/3/x', '/absolute'];
  for (const target of targets) {
    const flags = ['--volume=data,kind=empty', `--mount=volume=data,target=${target}`];
    pod.tsrkt(['run', '--net=none', ...flags, image, '--', 'touch /absolute/x/mark /absolute/mark; true']);
    assert.deepEqual(readdirSync(outside), [], target);
  }
});

test('--readonly-rootfs leaves volumes writable', { skip }, async () => {
  using pod = await podFixture();
  const flags = ['--volume=data,kind=empty', '--mount=volume=data,target=/data'];
  const script = 'touch /data/x && ls /data; touch /x';
  const { stdout, stderr } = pod.tsrkt([
    'run',
    '--net=none',
    ...flags,
    pod.image,
    '--readonly-rootfs',
    '--',
    script,
  ]);
  assert.equal(stdout, 'x\n');
  assert.match(stderr, /touch: \/x: Read-only file system/);
});

test('volumes of a prepared pod are those of its run', { skip }, async () => {
  using pod = await podFixture();
  const flags = ['--volume=data,kind=empty,uid=3,gid=4,mode=0700', '--mount=volume=data,target=/data'];
  const uuid = pod.tsrkt(['prepare', ...flags, pod.image, '--', 'stat -c "%u %g %a" /data']).stdout.trim();
  assert.equal(pod.tsrkt(['run-prepared', '--net=none', uuid]).stdout, '3 4 700\n');
});

const refusals: readonly [flags: readonly string[], after: readonly string[], message: RegExp][] = [
  [['--mount=volume=a,target=/a'], [], /^run: dangling mount point "\/a": volume "a" not found$/m],
  [[], ['--mount=volume=a,target=/a'], /^run: dangling mount point "\/a": volume "a" not found$/m],
  [['--volume=a,kind=empty', '--volume=a,kind=empty'], [], /^run: duplicate volume name "a"$/m],
  [['--volume=a,kind=nfs'], [], /^run: --volume=a,kind=nfs: kind: expected one of/m],
  [
    ['--volume=a,kind=host,source=/nonexistent', '--mount=volume=a,target=/a'],
    [],
    /^run: app "box": volume "a": there is no "\/nonexistent" on this machine$/m,
  ],
  [['--volume=a,kind=empty', '--mount=volume=a,target=/proc'], [], /cannot be mounted on "\/proc"$/m],
  [['--volume=a,kind=empty', '--mount=volume=a,target=/x/..'], [], /cannot be mounted on "\/"$/m],
  [['--volume=a,kind=empty', '--mount=volume=a'], [], /^run: --mount=volume=a: target: /m],
];
for (const [flags, after, message] of refusals)
  test(`tsrkt run refuses ${[...flags, ...after].join(' ')}`, { skip }, async () => {
    using pod = await podFixture();
    const { status, stderr } = pod.tsrkt(['run', '--net=none', ...flags, pod.image, ...after, '--', 'true']);
    assert.equal(status, 254);
    assert.match(stderr, message);
    assert.equal(pod.tsrkt(['list', '--no-legend']).stdout.trim(), '');
  });
