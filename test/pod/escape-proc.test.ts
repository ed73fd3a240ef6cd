import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MASKED_PATHS, READONLY_PATHS } from '../../stage0/runtime-config/hidden-paths.ts';
import { hostilePod, UNPROTECTED } from './escape-pod.ts';

const CORE_PATTERN = '/proc/sys/kernel/core_pattern';

test('core_pattern, modprobe and sysrq-trigger cannot be written by root in a pod, by whatever way to them', async () => {
  using pod = await hostilePod({
    prepare: (rootfs) => symlinkSync('/proc/self/root/proc/sys', join(rootfs, 'sys-link')),
  });
  const before = readFileSync(CORE_PATTERN, 'utf8');
  const files = [
    CORE_PATTERN,
    '/proc/sys/kernel/modprobe',
    '/proc/sysrq-trigger',
    '/proc/self/root/proc/sys/kernel/core_pattern',
    '/proc/1/root/proc/sys/kernel/core_pattern',
    '/sys-link/kernel/core_pattern',
    '/proc/self/task/self/../../../sys/kernel/core_pattern',
    '/sys/kernel/uevent_helper',
  ];
  const attacks = [
    ...files.map((file) => `echo "|/x" > ${file}`),
    '/bin/busybox mount -o remount,rw /proc/sys',
    '/bin/busybox mount -o remount,rw /proc',
    '/bin/busybox umount /proc/sys',
    '/bin/busybox umount -l /proc',
    '/bin/busybox mkdir /p; /bin/busybox mount -t proc proc /p',
    '/bin/busybox mount --bind /proc /p',
    '/bin/busybox sysctl -w kernel.core_pattern=x | /bin/busybox grep -q "= x"',
  ];
  const { status, stdout } = pod.run(
    attacks.map((attack, i) => `(${attack}) && echo won ${i}; true`).join('; '),
  );
  assert.deepEqual([status, stdout], [0, '']);
  assert.equal(readFileSync(CORE_PATTERN, 'utf8'), before);
});

test('core_pattern is the machine’s: where nothing is restricted it opens for writing', async () => {
  using pod = await hostilePod();
  assert.equal(pod.run(`: >> ${CORE_PATTERN} && echo opened`, UNPROTECTED).stdout, 'opened\n');
});

test('CVE-2025-31133: what is masked shows nothing, and is masked by the /dev/null of the host', async () => {
  using pod = await hostilePod({
    prepare(rootfs) {
      mkdirSync(join(rootfs, 'dev'));
      symlinkSync(CORE_PATTERN, join(rootfs, 'dev/null'));
    },
  });
  const script = MASKED_PATHS.map(
    (path) =>
      `if [ -d ${path} ]; then ls -A ${path}; elif [ -e ${path} ]; then stat -c %t:%T ${path}; cat ${path}; fi`,
  ).join('; ');
  const { status, stdout, stderr } = pod.run(script);
  assert.equal(status, 0, stderr);
  assert.deepEqual([...new Set(stdout.split('\n').filter(Boolean))], ['1:3']);
});

test('what is read only refuses to be written, also below', async () => {
  using pod = await hostilePod();
  const script = READONLY_PATHS.map(
    (path) =>
      `for f in $(/bin/busybox find ${path} -type f | /bin/busybox head -200); do (: >> $f) 2> /dev/null && echo $f; done`,
  ).join('; ');
  const { stdout } = pod.run(`${script}; true`);
  assert.equal(stdout, '');
  const unprotected = pod.run(`${script}; true`, UNPROTECTED).stdout;
  assert.ok(unprotected.split('\n').length > 100, unprotected);
});

test('CVE-2025-52881, CVE-2019-16884: a volume on a link to /proc redirects none of our writes', async () => {
  using pod = await hostilePod({ prepare: (rootfs) => symlinkSync('/proc', join(rootfs, 'alias')) });
  const fake = join(pod.path, 'fake-proc');
  mkdirSync(join(fake, 'self'), { recursive: true });
  const flags = [`--volume=fake,kind=host,source=${fake}`, '--mount=volume=fake,target=/alias'];
  const { status } = pod.run('/bin/busybox true', { flags, after: ['--oom-score-adj=500'] });
  assert.ok(status === 0 || status === 254);
  assert.deepEqual(readdirSync(join(fake, 'self')), []);
  assert.deepEqual(readdirSync(fake), ['self']);
  const below = [`--volume=fake,kind=host,source=${fake}`, '--mount=volume=fake,target=/alias/self/attr'];
  assert.equal(pod.run('true', { flags: below }).status, 254);
});

for (const name of ['proc', 'sys', 'dev'])
  test(`CVE-2019-19921, CVE-2023-27561, CVE-2026-41579: an image whose /${name} is a link is refused`, async () => {
    using pod = await hostilePod({
      prepare(rootfs) {
        mkdirSync(join(rootfs, 'elsewhere'));
        symlinkSync('/elsewhere', join(rootfs, name));
      },
    });
    const flags = ['--volume=v,kind=empty', '--mount=volume=v,target=/elsewhere'];
    for (const more of [[], flags]) {
      const { status, stderr } = pod.run('echo started', { flags: more });
      assert.equal(status, 254);
      assert.match(stderr, new RegExp(`attach /${name}: E(LOOP|NOTDIR)`));
    }
  });
