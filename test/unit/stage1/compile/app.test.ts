import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeConfig } from '../../../../schema/runtime-config.ts';
import { type AppContext, compileApp } from '../../../../stage1/compile/app.ts';
import { listing } from '../../../../stage1/program/listing.ts';

const CONTEXT: AppContext = {
  name: 'web',
  join: [],
  stdio: [0, 1, 2],
  cgroup: [],
  ignoredSignals: [13],
  isDirectory: (path) => !path.startsWith('/etc/'),
  isShared: (path) => path === '/dev/shm',
};
const PROCESS = { user: { uid: 0, gid: 0 }, args: ['/bin/httpd', '-f'], cwd: '/', env: ['PATH=/bin'] };
const ROOT = { path: '/pod/apps/web/rootfs' };

test('without anything but a process: own namespaces, own root, fewer rights, and only then a fork and the execution', () => {
  assert.deepEqual(callsOf({ linux: { namespaces: [{ type: 'mount' }] } }), [
    ...['unshare', 'mount', 'mount', 'mount_setattr'],
    ...['openat', 'chdir', 'pivot_root', 'fchdir', 'umount2', 'close', 'chdir'],
    ...['umask', 'openat2', 'keyctl'],
    ...['fcntl', 'fcntl', 'fcntl', 'close_range'],
    ...['prctl', 'setresgid', 'setgroups', 'setresuid', 'umask', 'prctl', 'chdir'],
    ...['prctl', 'clone3', 'setsid', 'rt_sigaction', 'rt_sigprocmask', 'execve'],
  ]);
});

test('namespaces named "sandbox" are joined first, in the context’s order', () => {
  const join = [
    { type: 'pid', fd: 20 },
    { type: 'network', fd: 21 },
  ] as const;
  assert.deepEqual(linesOf({}, { join }).slice(1, 3), [
    'setns(sandbox/ns/pid, CLONE_NEWPID)',
    'setns(sandbox/ns/net, CLONE_NEWNET)',
  ]);
  assert.deepEqual(compile({}, { join }).keeps, [20, 21, 0, 1, 2]);
});

test('CVE-2016-9962: what the pod’s processes can see has the app’s rights and nothing more to do than to execute it', () => {
  const capabilities = { bounding: [], effective: [], permitted: [] };
  const lines = linesOf({ process: { ...PROCESS, capabilities } });
  const after = lines
    .slice(lines.findIndex((line) => line.startsWith('clone3')) + 1)
    .map((line) => line.split('(')[0]);
  assert.deepEqual(after, ['setsid', 'rt_sigaction', 'rt_sigprocmask', 'execve']);
  assert.ok(
    lines.findIndex((line) => line.startsWith('capset')) <
      lines.findIndex((line) => line.startsWith('clone3')),
  );
});

test('directories are made one name after the other, each in the directory before, no magic link followed', () => {
  const lines = linesOf({ process: { ...PROCESS, cwd: '/srv/app' } });
  const how = '{flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS}';
  const start = lines.findIndex((line) => line.startsWith('mkdirat(cwd0'));
  assert.deepEqual(lines.slice(start, start + 4), [
    'mkdirat(cwd0, "srv", 0755) ? EEXIST',
    `openat2(cwd0, "srv", ${how}, 24) = cwd1`,
    'mkdirat(cwd1, "app", 0755) ? EEXIST',
    `openat2(cwd1, "app", ${how}, 24) = cwd2`,
  ]);
});

test('every mount is made before the root changes and attached after, so that only its source is the host’s', () => {
  const mounts = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] },
    { destination: '/data', type: 'bind', source: '/srv/data', options: ['rbind', 'ro'] },
  ];
  const calls = callsOf({ mounts });
  const pivot = calls.indexOf('pivot_root');
  for (const call of ['fsmount', 'open_tree', 'mount_setattr'])
    assert.ok(calls.lastIndexOf(call) < pivot, call);
  assert.ok(calls.indexOf('move_mount') > pivot);
});

test('CVE-2019-19921, CVE-2023-27561: /proc, /sys and /dev are attached where no link leads', () => {
  const mounts = [
    { destination: '/proc', type: 'proc' },
    { destination: '/data', type: 'tmpfs' },
  ];
  const places = linesOf({ mounts }).filter((line) => line.includes('.at'));
  assert.match(places[0] ?? '', /"proc".*RESOLVE_NO_MAGICLINKS\|RESOLVE_NO_SYMLINKS/);
  assert.match(places.find((line) => line.includes('"data"')) ?? '', /RESOLVE_NO_MAGICLINKS}/);
});

test('CVE-2024-21626: every inherited descriptor is closed before the working directory is entered', () => {
  const lines = linesOf({ process: { ...PROCESS, cwd: '/proc/self/fd/7' } });
  const close = lines.indexOf('close_range(3, ~0, 0)');
  assert.ok(close > 0 && close < lines.indexOf('chdir("/proc/self/fd/7")'));
});

test('a masked path is found from the mount it is in; only its absence is survived', () => {
  const mounts = [{ destination: '/proc', type: 'proc' }];
  const lines = linesOf({ mounts, linux: { maskedPaths: ['/proc/kcore'] } });
  const opened = lines.find((line) => line.includes('"kcore"')) ?? '';
  assert.match(opened, /^openat2\(mount0, "kcore", .*NO_SYMLINKS.* = mask0 \? ENOENT/);
});

test('a read-only root is made so last, when everything in it is in place', () => {
  const lines = linesOf({
    root: { ...ROOT, readonly: true },
    mounts: [{ destination: '/proc', type: 'proc' }],
  });
  const readonly = lines.findIndex((line) => line.includes('"/", 0, {set=MOUNT_ATTR_RDONLY}'));
  assert.ok(readonly > lines.findLastIndex((line) => line.startsWith('move_mount')));
});

test('no_new_privs is set after the capabilities are, and before the app is executed', () => {
  const process = {
    ...PROCESS,
    noNewPrivileges: true,
    capabilities: { bounding: [], effective: [], permitted: [] },
  };
  const lines = linesOf({ process });
  const noNewPrivs = lines.findIndex((line) => line.includes('PR_SET_NO_NEW_PRIVS'));
  assert.ok(noNewPrivs > lines.findIndex((line) => line.startsWith('capset')));
});

test('the overlay named for "/" is the root; without one the directory is bound on itself', () => {
  const overlay = {
    destination: '/',
    type: 'overlay',
    source: 'overlay',
    options: ['lowerdir=/l', 'upperdir=/u'],
  };
  assert.ok(
    linesOf({ mounts: [overlay] }).includes(
      `mount("overlay", "${ROOT.path}", "overlay", MS_NODEV, "lowerdir=/l,upperdir=/u")`,
    ),
  );
  assert.ok(linesOf({}).includes(`mount("${ROOT.path}", "${ROOT.path}", 0, MS_BIND|MS_REC, 0)`));
});

test('a name without a slash is tried along PATH, the last failure counts', () => {
  const lines = linesOf({ process: { ...PROCESS, args: ['httpd'], env: ['PATH=/a:/b'] } });
  assert.deepEqual(lines.slice(-2), [
    'execve("/a/httpd", ["httpd"], ["PATH=/a:/b"]) ?',
    'execve("/b/httpd", ["httpd"], ["PATH=/a:/b"])',
  ]);
});

function compile(config: Partial<RuntimeConfig>, context: Partial<AppContext> = {}) {
  return compileApp({ ociVersion: '1.2.0', root: ROOT, process: PROCESS, ...config } as RuntimeConfig, {
    ...CONTEXT,
    ...context,
  });
}

function callsOf(config: Partial<RuntimeConfig>): readonly string[] {
  return compile(config).steps.map(({ call }) => call);
}

function linesOf(config: Partial<RuntimeConfig>, context?: Partial<AppContext>): readonly string[] {
  return listing(compile(config, context)).split('\n');
}
