import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readHostFile } from '../../stage0/volumes/host-file.ts';
import { hostilePod, UNPROTECTED } from './escape-pod.ts';

/** Devices of the host that no pod has, as far as this machine lets root open them. */
const devices = [
  '/dev/mem',
  '/dev/kmsg',
  '/dev/net/tun',
  '/dev/fuse',
  '/dev/loop0',
  '/dev/vda',
  '/dev/sda',
].flatMap((path) => {
  const file = readHostFile(path);
  return file !== undefined && 'major' in file && canOpen(path) ? [{ path, ...file }] : [];
});

function canOpen(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}

test('device nodes of the image, and those root makes in its /dev, open nothing of the host', async () => {
  assert.notEqual(devices.length, 0, 'this machine has no device to try');
  using pod = await hostilePod({
    prepare(rootfs) {
      mkdirSync(join(rootfs, 'nodes'));
      devices.forEach(({ type, major, minor }, i) => {
        execFileSync('mknod', [join(rootfs, 'nodes', `${i}`), type, `${major}`, `${minor}`]);
      });
    },
  });
  const make = devices.map(
    ({ type, major, minor }, i) => `/bin/busybox mknod /dev/made${i} ${type} ${major} ${minor}`,
  );
  const script = `${make.join('; ')}; for f in /nodes/* /dev/made*; do (: < $f) && echo opened $f; done; true`;
  const { status, stdout, stderr } = pod.run(script);
  assert.deepEqual([status, stdout], [0, ''], stderr);
  assert.match(pod.run(script, UNPROTECTED).stdout, /^opened \/dev\/made0\n/);
});

test('/dev is ours and no device of the image is in it, whatever the image has there', async () => {
  using pod = await hostilePod({
    prepare(rootfs) {
      mkdirSync(join(rootfs, 'dev'));
      symlinkSync('/etc/passwd', join(rootfs, 'dev/null'));
      writeFileSync(join(rootfs, 'dev/zero'), 'of the image');
      symlinkSync('/etc/passwd', join(rootfs, 'dev/console'));
      mkdirSync(join(rootfs, 'dev/random'));
    },
  });
  const script =
    'cd /dev; for f in null zero random; do stat -c "%F %t:%T" $f; done; ls console; ls -d pts shm mqueue';
  const { stdout } = pod.run(script);
  assert.equal(
    stdout,
    'character special file 1:3\ncharacter special file 1:5\ncharacter special file 1:8\nmqueue\npts\nshm\n',
  );
});

const isV1 = existsSync('/sys/fs/cgroup/memory/cgroup.procs');

test('CVE-2022-0492: no cgroup hierarchy can be mounted, none is there, and no release_agent', async () => {
  using pod = await hostilePod();
  const mount = '/bin/busybox mkdir /m; /bin/busybox mount -t cgroup -o memory none /m && ls /m/cgroup.procs';
  const script = [
    mount,
    '/bin/busybox unshare -UrmC sh -c "mount -t cgroup -o memory none /m" && echo mounted',
    '/bin/busybox find / -name release_agent -o -name cgroup.procs',
    '/bin/busybox grep -c cgroup /proc/self/mounts',
    'true',
  ].join('; ');
  const { status, stdout, stderr } = pod.run(script);
  assert.deepEqual([status, stdout], [0, '0\n'], stderr);
  if (isV1) assert.equal(pod.run(mount, UNPROTECTED).stdout, '/m/cgroup.procs\n', 'the attack is none');
});

test('devices in shared memory and in /dev/mqueue are none', async () => {
  using pod = await hostilePod();
  const script = 'cd /dev/shm && /bin/busybox mknod n c 1 3 && cat n && echo opened; true';
  const { stdout, stderr } = pod.run(script);
  assert.equal(stdout, '');
  assert.match(stderr, /Permission denied/);
});
