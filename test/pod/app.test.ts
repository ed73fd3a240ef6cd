import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostMountsBelow, makeAppRoot, runScript } from './app-root.ts';

const CAPABILITIES = ['CAP_CHOWN', 'CAP_KILL'];
const MASKED = ['/proc/version', '/sys/firmware', '/proc/not-there'];

test('an app sees its root, its own processes and nothing of the host', () => {
  using root = makeAppRoot();
  const { status, output } = runScript(root, 'ls / && ls /proc | busybox grep -cE "^[0-9]+$" && hostname');
  assert.equal(status, 0, output);
  assert.match(output, /^bin\ndev\nproc\nsys\n[345]\npod\n$/);
});

test('the exit status and the killing signal of an app are the real ones', () => {
  using root = makeAppRoot();
  assert.equal(runScript(root, 'exit 42').status, 42);
  assert.equal(runScript(root, 'kill -9 $$').status, 137);
});

test('what an app writes goes to the upper layer, the image stays as it is', () => {
  using root = makeAppRoot();
  assert.equal(runScript(root, 'echo changed > /new; rm -f /bin/ls || busybox rm /bin/ls').status, 0);
  assert.equal(readFileSync(join(root.upper, 'new'), 'utf8'), 'changed\n');
  assert.ok(existsSync(join(root.tree, 'bin/ls')));
});

test('nothing is mounted in the host’s namespace, neither while a pod runs nor after', () => {
  using root = makeAppRoot();
  runScript(root, 'true');
  assert.deepEqual(hostMountsBelow(root.directory), []);
});

test('/dev has the devices of the runtime specification, and links, and no other device', () => {
  using root = makeAppRoot();
  const { output } = runScript(
    root,
    'cd /dev && for f in *; do [ ! -L $f ] && [ -c $f ] && echo $f; done; for l in fd stdout ptmx; do readlink $l; done',
  );
  assert.equal(output, 'full\nnull\nrandom\ntty\nurandom\nzero\n/proc/self/fd\n/proc/self/fd/1\npts/ptmx\n');
});

test('a user gets exactly the ids, groups and capabilities of its config', () => {
  using root = makeAppRoot();
  const user = { uid: 1000, gid: 1001, additionalGids: [5, 6] };
  const capabilities = { bounding: CAPABILITIES, effective: [], permitted: [], inheritable: [] };
  const script =
    'busybox id -u; busybox id -g; busybox grep -E "Groups|CapBnd|CapEff|CapPrm" /proc/self/status';
  const { output } = runScript(root, script, { process: { user, capabilities } });
  const lines = output
    .replaceAll('\t', '')
    .split('\n')
    .map((line) => line.trim());
  assert.deepEqual(lines.slice(0, 2), ['1000', '1001']);
  assert.ok(lines.includes('Groups:5 6'), output);
  assert.ok(lines.includes('CapBnd:0000000000000021'), output);
  assert.ok(lines.includes('CapEff:0000000000000000'), output);
});

test('an ambient capability reaches a user who is not root', () => {
  using root = makeAppRoot();
  const sets = {
    bounding: CAPABILITIES,
    effective: CAPABILITIES,
    permitted: CAPABILITIES,
    inheritable: CAPABILITIES,
  };
  const capabilities = { ...sets, ambient: ['CAP_CHOWN'] };
  const user = { uid: 1000, gid: 1000 };
  const { output } = runScript(root, 'busybox grep CapEff /proc/self/status', {
    process: { user, capabilities },
  });
  assert.match(output, /0000000000000001/);
});

test('no signal is blocked or ignored when an app starts', () => {
  using root = makeAppRoot();
  const { output } = runScript(root, '', {
    process: { args: ['/bin/busybox', 'grep', '-E', 'SigBlk|SigIgn', '/proc/self/status'] },
  });
  assert.match(output, /SigBlk:\t0{16}\nSigIgn:\t0{16}\n/);
});

test('an app has descriptors 0, 1 and 2 and no other', () => {
  using root = makeAppRoot();
  const { output } = runScript(root, 'echo /proc/self/fd/*');
  assert.match(
    output,
    /^\/proc\/self\/fd\/0 \/proc\/self\/fd\/1 \/proc\/self\/fd\/2( \/proc\/self\/fd\/3)?\n$/,
  );
});

test('masked paths are empty, one that does not exist is no failure', () => {
  using root = makeAppRoot();
  const script = 'cat /proc/version | busybox wc -c; ls /sys/firmware | busybox wc -l';
  const { status, output } = runScript(root, script, { config: { linux: { maskedPaths: MASKED } } });
  assert.equal(status, 0);
  assert.equal(output, '0\n0\n');
});

test('read-only paths can be read and not written', () => {
  using root = makeAppRoot();
  const script = 'cat /proc/sys/kernel/hostname; echo x > /proc/sys/kernel/hostname';
  const { output } = runScript(root, script, { config: { linux: { readonlyPaths: ['/proc/sys'] } } });
  assert.match(output, /^pod\n.*Read-only file system/s);
});

test('a read-only root cannot be written, while what is mounted in it can', () => {
  using root = makeAppRoot();
  const config = { root: { path: join(root.directory, 'rootfs'), readonly: true } };
  const mounts = [{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }] as const;
  const { status, output } = runScript(root, 'touch /tmp/a && touch /a', { config, mounts });
  assert.notEqual(status, 0);
  assert.match(output, /^touch: \/a: Read-only file system\n$/);
});

test('a bind mount target is made where it is missing, a dangling link in its place is replaced', () => {
  using root = makeAppRoot();
  mkdirSync(join(root.tree, 'etc'));
  symlinkSync('../run/systemd/resolve/stub-resolv.conf', join(root.tree, 'etc/resolv.conf'));
  const source = join(root.directory, 'resolv.conf');
  writeFileSync(source, 'nameserver 192.0.2.1\n');
  const mounts = [
    { destination: '/etc/resolv.conf', type: 'bind', source, options: ['bind', 'ro'] },
  ] as const;
  const { output } = runScript(root, 'cat /etc/resolv.conf', { mounts });
  assert.equal(output, 'nameserver 192.0.2.1\n');
});

test('/dev/shm is one for all apps of a pod', () => {
  using root = makeAppRoot();
  const mounts = [
    { destination: '/dev/shm', type: 'bind', source: join(root.directory, 'shm'), options: ['bind'] },
  ] as const;
  const { output } = runScript(root, 'touch /dev/shm/x && stat -c %a /dev/shm', { mounts });
  assert.equal(output, '1777\n');
});

test('a working directory that is missing is made', () => {
  using root = makeAppRoot();
  assert.equal(runScript(root, 'pwd', { process: { cwd: '/srv/app/data' } }).output, '/srv/app/data\n');
});

test('an app that cannot be executed is one sentence with the errno', () => {
  using root = makeAppRoot();
  assert.throws(() => runScript(root, '', { process: { args: ['/bin/nope'] } }), {
    code: 'ENOENT',
    message: 'app "test": execute /bin/nope: ENOENT (No such file or directory)',
  });
  assert.throws(() => runScript(root, '', { process: { args: ['/bin'] } }), { code: 'EACCES' });
});

test('loopback is up', () => {
  using root = makeAppRoot();
  assert.match(runScript(root, 'busybox ifconfig lo').output, /UP LOOPBACK RUNNING/);
});

test('links of the image lead nowhere outside: a volume’s target below a link is found inside the root', () => {
  using root = makeAppRoot();
  symlinkSync(root.directory, join(root.tree, 'data'));
  const mounts = [{ destination: '/data/sub', type: 'tmpfs', source: 'tmpfs' }] as const;
  assert.throws(() => runScript(root, 'true', { mounts }), { code: 'ENOENT' });
  assert.ok(!existsSync(join(root.directory, 'sub')));
});

test('CVE-2019-19921: a root whose /proc is a link is refused', () => {
  using root = makeAppRoot();
  symlinkSync('/bin', join(root.tree, 'proc'));
  assert.throws(() => runScript(root, 'true'), { code: 'ELOOP', message: /attach \/proc/ });
});

test('CVE-2024-21626: a working directory below /proc/self/fd does not exist', () => {
  using root = makeAppRoot();
  for (let fd = 3; fd < 40; fd++)
    assert.throws(
      () => runScript(root, 'ls', { process: { cwd: `/proc/self/fd/${fd}` } }),
      Error,
      `fd ${fd}`,
    );
});

test('the pause process shows the pod nothing of the host, not even to a root with all capabilities', () => {
  using root = makeAppRoot();
  const script =
    'ls /proc/1/root/ | busybox wc -l; ls -l /proc/1/fd | busybox grep -c " -> "; cat /proc/1/environ; readlink /proc/1/exe';
  const { output } = runScript(root, script);
  assert.equal(output, '0\n0\n/memfd:pause (deleted)\n');
});

test('the pause process cannot be traced by an app with the default capabilities', () => {
  using root = makeAppRoot();
  const some = ['CAP_CHOWN', 'CAP_SETUID'];
  const capabilities = { bounding: some, effective: some, permitted: some };
  const { output } = runScript(root, 'ls /proc/1/root/', { process: { capabilities } });
  assert.match(output, /Permission denied/);
});

test('a directory of the host stays busy for nobody after the pod has ended', () => {
  using root = makeAppRoot();
  runScript(root, 'true');
  rmdirSync(join(root.directory, 'shm'));
});
