import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PrivateUsers } from '../../stage0/user-namespace/private-users.ts';
import { hostMountsBelow, makeAppRoot, runScript } from './app-root.ts';

const skip = process.getuid?.() !== 0 && 'needs root';
const users: PrivateUsers = { range: { first: 0x1234_0000, count: 65536 }, idmapped: true };

test('root of a pod with private users is nobody on the host, and its files are root’s', { skip }, () => {
  using root = makeAppRoot();
  mkdirSync(join(root.tree, 'web'));
  writeFileSync(join(root.tree, 'web/page'), 'x');
  chownSync(join(root.tree, 'web/page'), 101, 102);
  const script =
    'cat /proc/self/uid_map; stat -c "%u %g" / /bin/busybox /web/page; touch /new; stat -c "%u %g" /new';
  const { status, output } = runScript(root, script, { users });
  assert.deepEqual(
    [status, output.replace(/ +/g, ' ')],
    [0, ` 0 ${0x1234_0000} 65536\n0 0\n0 0\n101 102\n0 0\n`],
  );
  assert.deepEqual(lstatSync(join(root.upper, 'new')).uid, 0, 'on the disk as well');
  assert.deepEqual(hostMountsBelow(root.directory), []);
});

test('users of the image are users of the pod: they own, change and copy up their files', { skip }, () => {
  using root = makeAppRoot();
  mkdirSync(join(root.tree, 'web'));
  writeFileSync(join(root.tree, 'web/page'), 'old');
  for (const path of ['web', 'web/page']) chownSync(join(root.tree, path), 101, 102);
  const script =
    'echo new > /web/page; touch /web/more; stat -c "%u %g" /web/*; touch /bin/no 2>/dev/null || echo kept';
  const options = { users, process: { user: { uid: 101, gid: 102, additionalGids: [7] } } };
  assert.deepEqual(runScript(root, script, options), { status: 0, output: '101 102\n101 102\nkept\n' });
  const { uid, gid } = lstatSync(join(root.upper, 'web/page'));
  assert.deepEqual([uid, gid], [101, 102]);
});

test('files bound from the host are seen with the owners they have there', { skip }, () => {
  using root = makeAppRoot();
  writeFileSync(join(root.directory, 'hosts'), '127.0.0.1 localhost\n');
  const source = join(root.directory, 'hosts');
  const mounts = [{ destination: '/etc/hosts', type: 'bind', source, options: ['bind', 'ro'] }];
  const script = 'stat -c "%u %g" /etc/hosts; cat /etc/hosts; echo x > /etc/hosts';
  const { output } = runScript(root, script, { users, mounts });
  assert.match(output, /^0 0\n127\.0\.0\.1 localhost\n.*Read-only file system\n$/s);
});

test('a device of the image is none in a user namespace, and root cannot make one', { skip }, () => {
  using root = makeAppRoot();
  assert.equal(spawnSync('mknod', ['-m', '666', join(root.tree, 'zero'), 'c', '1', '5']).status, 0);
  const capabilities = { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] };
  const user = { uid: 0, gid: 0 };
  const script = 'cat /zero; mknod /null c 1 3; cat /dev/null; test -c /dev/zero && echo bound';
  const { output } = runScript(root, script, { users, process: { user, capabilities } });
  assert.match(output, /\/zero': Permission denied\n.*mknod: .*Operation not permitted\nbound\n$/s);
});

test('root of a pod with private users has no power over what is the host’s', { skip }, () => {
  using root = makeAppRoot();
  const script = 'echo 1 > /proc/sys/kernel/panic; hostname changed && hostname';
  const { output } = runScript(root, script, { users, process: { user: { uid: 0, gid: 0 } } });
  assert.match(output, /panic: Permission denied\nchanged\n$/);
});

test('apps without an overlay have their files mapped as well', { skip }, () => {
  using root = makeAppRoot();
  const config = { root: { path: root.tree } };
  const script = 'stat -c "%u %g" / /bin/busybox; touch /new';
  assert.deepEqual(runScript(root, script, { users, config: { ...config, mounts: [] } }), {
    status: 0,
    output: '0 0\n0 0\n',
  });
  assert.equal(lstatSync(join(root.tree, 'new')).uid, 0);
});

test('what the sandbox has mounted is the namespace’s, and every user of the pod can write there', {
  skip,
}, () => {
  using root = makeAppRoot();
  const source = join(root.directory, 'shm');
  const mounts = [{ destination: '/dev/shm', type: 'bind', source, options: ['bind'] }];
  const process = { user: { uid: 5, gid: 6 } };
  const script = 'touch /dev/shm/x; stat -c "%u %g %a" /dev/shm /dev/shm/x';
  assert.deepEqual(runScript(root, script, { users, mounts, process }), {
    status: 0,
    output: '0 0 1777\n5 6 644\n',
  });
});
