import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { text } from '../../stage1/program/step.ts';
import { hostilePod } from './escape-pod.ts';
import { attackProgram } from './escape-program.ts';

test('CVE-2024-21626: an app has its standard files open and nothing else', async () => {
  using pod = await hostilePod();
  const script =
    'for f in /proc/self/fd/*; do echo $(/bin/busybox basename $f) $(/bin/busybox readlink $f); done';
  const { stdout } = pod.run(script);
  const open = stdout
    .trim()
    .split('\n')
    .filter((line) => !/^(?:0|1|2) |^\d+$/.test(line));
  assert.deepEqual(open, []);
});

test('CVE-2024-21626: no working directory leads to a directory of the host by a file descriptor', async () => {
  using pod = await hostilePod({ prepare: (rootfs) => symlinkSync('/proc/self/fd/7', join(rootfs, 'cwd')) });
  const fds = [3, 5, 7, 9, 11, 13].map((fd) => `/proc/self/fd/${fd}`);
  const directories = [...fds, '/cwd', '/proc/self/fd/8/..'];
  for (const directory of directories) {
    const { status, stdout } = pod.run('pwd; ls; cat ../../etc/shadow', {
      after: [`--working-dir=${directory}`],
    });
    assert.deepEqual([status, stdout], [254, ''], directory);
  }
});

/** The interpreter of our executables, as an image has it: who executes /proc/self/exe while that is ours executes this. */
const INTERPRETER = 'lib64/ld-linux-x86-64.so.2';
const BEHIND_OURS = 0x2000_0000;

function tellingProgram(): Buffer {
  const words = 'our executable runs\n';
  return attackProgram([{ call: 'write', args: [1, text(words), words.length] }], BEHIND_OURS);
}

test('CVE-2019-5736: /proc/self/exe as the program of an app is no executable of the host', async () => {
  using pod = await hostilePod({
    programs: { [INTERPRETER]: tellingProgram() },
    prepare(rootfs) {
      symlinkSync('/proc/self/exe', join(rootfs, 'link'));
      writeFileSync(join(rootfs, 'script'), '#!/proc/self/exe\n', { mode: 0o755 });
    },
  });
  for (const exec of ['/proc/self/exe', '/link', '/script', '/proc/thread-self/exe', '/proc/1/exe']) {
    const { status, stdout } = pod.run('x', { after: [`--exec=${exec}`] });
    assert.equal(stdout, '', exec);
    assert.notEqual(status, 0, exec);
  }
});

test('CVE-2019-5736: no process an app sees has an executable of the host, while other apps start, too', async () => {
  using pod = await hostilePod();
  const watch =
    'i=0; while [ $i -lt 300 ]; do i=$((i+1)); for p in /proc/[0-9]*; do /bin/busybox readlink $p/exe; /bin/busybox readlink $p/cwd; done; done';
  const [file, ...argv] = pod.command(`(${watch}) 2>/dev/null | /bin/busybox sort -u`);
  const others = Array.from({ length: 6 }, (_, i) => [
    '---',
    argv[argv.indexOf('--') - 1] ?? '',
    `--name=other-${i}`,
    '--',
    '/bin/busybox sleep 0.2',
  ]).flat();
  const { status, stdout, stderr } = spawnSync(file, [...argv, ...others], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const seen = stdout.split('\n').filter(Boolean);
  const strange = seen.filter((path) => !/^(?:\/bin\/busybox|\/|\/memfd:.*)$/.test(path));
  assert.deepEqual(strange, []);
});

for (const overlay of [[], ['--no-overlay']])
  test(`links in the image do not lead what a pod makes out of it ${overlay}`, async () => {
    using pod = await hostilePod({
      prepare(rootfs) {
        const outside = join(dirname(rootfs), 'outside');
        mkdirSync(outside);
        for (const directory of ['etc', 'var']) mkdirSync(join(rootfs, directory));
        for (const name of ['hosts', 'resolv.conf', 'hostname', 'mtab'])
          symlinkSync(join(outside, name), join(rootfs, 'etc', name));
        symlinkSync(outside, join(rootfs, 'tmp'));
        symlinkSync(outside, join(rootfs, 'var/lib'));
      },
    });
    const flags = [...overlay, '--dns=192.0.2.1', '--hosts-entry=192.0.2.2=x'];
    for (const after of [[], ['--working-dir=/var/lib/made']]) {
      const { status } = pod.run('true', { flags, after });
      assert.ok(status === 0 || status === 254);
      assert.deepEqual(readdirSync(join(pod.path, 'outside')), []);
    }
  });
