import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mount, RuntimeConfig } from '../../../../schema/runtime-config.ts';
import { type AppContext, compileApp } from '../../../../stage1/compile/app.ts';
import { compileNamespaceEntry } from '../../../../stage1/compile/enter-user-namespace.ts';
import { overlayDirectories } from '../../../../stage1/compile/overlay-directories.ts';
import { compilePasta } from '../../../../stage1/compile/pasta.ts';
import { compileSandbox, sandboxFlags } from '../../../../stage1/compile/sandbox.ts';
import { listing } from '../../../../stage1/program/listing.ts';

const MAP = [{ containerID: 0, hostID: 700000, size: 65536 }];
const MAPPED = { uidMappings: MAP, gidMappings: MAP };
const OVERLAY: Mount = {
  destination: '/',
  type: 'overlay',
  options: ['lowerdir=/t/a:/t/b', 'upperdir=/pod/apps/web/upper', 'workdir=/pod/apps/web/work'],
  ...MAPPED,
};
const HOSTS: Mount = { destination: '/etc/hosts', type: 'bind', source: '/pod/etc/hosts', ...MAPPED };
const SHM: Mount = { destination: '/dev/shm', type: 'bind', source: '/pod/shm' };
const DEV: Mount = { destination: '/dev', type: 'tmpfs' };

const context: AppContext = {
  name: 'web',
  join: [
    { type: 'user', fd: 20 },
    { type: 'pid', fd: 21 },
    { type: 'mount', fd: 22 },
  ],
  stdio: [0, 1, 2],
  cgroup: [],
  ignoredSignals: [],
  isDirectory: () => false,
  isShared: (source) => source === '/pod/shm',
  userNamespace: { canSetGroups: true },
};

function linesOf(mounts: readonly Mount[], changes: Partial<AppContext> = {}): readonly string[] {
  const config = {
    ociVersion: '1.2.0',
    root: { path: '/pod/apps/web/rootfs' },
    process: { user: { uid: 5, gid: 6 }, args: ['/bin/web'], cwd: '/' },
    mounts,
    linux: { namespaces: [{ type: 'mount' }], uidMappings: MAP, gidMappings: MAP },
  } as RuntimeConfig;
  return listing(compileApp(config, { ...context, ...changes })).split('\n');
}

function indexOf(lines: readonly string[], beginning: string): number {
  const index = lines.findIndex((line) => line.startsWith(beginning));
  assert.ok(index >= 0, `${beginning} in ${lines.join('\n')}`);
  return index;
}

test('the layers of an overlay are mapped, and mounted by one who may write there, before the namespace is joined', () => {
  const lines = linesOf([OVERLAY]);
  const join = indexOf(lines, 'setns(sandbox/ns/user');
  const mapped = lines.filter((line) => line.includes('MOUNT_ATTR_IDMAP'));
  assert.equal(mapped.length, 3, 'two lower directories, and the one that holds upper and work directory');
  for (const path of ['/t/a', '/t/b', '/pod/apps/web']) indexOf(lines, `open_tree(AT_FDCWD, "${path}"`);
  const mount = indexOf(lines, 'mount("overlay"');
  assert.ok(indexOf(lines, 'setfsuid(700000)') < mount && mount < indexOf(lines, 'setfsuid(0)'));
  assert.ok(indexOf(lines, 'setfsuid(0)') < join);
});

test('nothing is a device on a root file system that was mounted outside of the user namespace', () => {
  assert.ok(linesOf([OVERLAY]).some((line) => line.includes('MOUNT_ATTR_NODEV')));
});

test('binds of the host are taken before the namespace is joined, what the sandbox mounted right after', () => {
  const lines = linesOf([OVERLAY, HOSTS, SHM]);
  const hosts = indexOf(lines, 'open_tree(AT_FDCWD, "/pod/etc/hosts"');
  const shm = indexOf(lines, 'open_tree(AT_FDCWD, "/pod/shm"');
  assert.ok(hosts < indexOf(lines, 'setns(sandbox/ns/user'));
  assert.ok(indexOf(lines, 'setns(sandbox/ns/mnt') < shm && shm < indexOf(lines, 'setresuid(0, 0, 0)'));
});

test('the root is attached where everybody gets, not below a directory that may be closed', () => {
  const lines = linesOf([OVERLAY]);
  const pivot = indexOf(lines, 'pivot_root(".", ".")');
  assert.match(lines[pivot - 1] ?? '', /^fchdir\(root\)$/);
  assert.equal(
    lines.slice(indexOf(lines, 'setns(')).some((line) => line.includes('/pod/')),
    false,
  );
});

test('devices are bound from the host where none can be made', () => {
  const lines = linesOf([DEV]);
  assert.equal(
    lines.some((line) => line.includes('S_IFCHR') || line.includes('makedev')),
    false,
  );
  assert.ok(indexOf(lines, 'open_tree(AT_FDCWD, "/dev/null"') < indexOf(lines, 'pivot_root'));
});

test('the terminal is given to the app’s user on the host', () => {
  const lines = linesOf([], { terminal: '/dev/pts/3' });
  assert.ok(indexOf(lines, 'fchownat(0, "", 700005, -1') < indexOf(lines, 'setns(sandbox/ns/user'));
});

test('where groups cannot be set, none are', () => {
  const lines = linesOf([], { join: [], userNamespace: { canSetGroups: false } });
  assert.equal(
    lines.some((line) => line.startsWith('setgroups')),
    false,
  );
});

test('a sandbox with private users opens the places of its mounts before it becomes their root', () => {
  const mounts = [{ destination: '/pod/shm', type: 'tmpfs' }];
  const linux = { namespaces: [{ type: 'user' }, { type: 'mount' }], uidMappings: MAP, gidMappings: MAP };
  const config = { ociVersion: '1.2.0', mounts, linux } as RuntimeConfig;
  const lines = listing(compileSandbox(config, { go: 5, goWriter: 8, ready: 6, pause: 7 })).split('\n');
  assert.ok(indexOf(lines, 'openat(AT_FDCWD, "/pod/shm"') < indexOf(lines, 'setresuid(0, 0, 0)'));
  assert.equal(sandboxFlags(config), 0x1000_0000 + 0x2_0000);
});

test('overlayDirectories() undoes the escapes of overlayfs', () => {
  const options = ['lowerdir=/a\\:b:/c\\\\d:/e', 'upperdir=/u\\,v'];
  assert.deepEqual(overlayDirectories({ destination: '/', options }), {
    lower: ['/a:b', '/c\\d', '/e'],
    upper: '/u,v',
  });
  assert.deepEqual(overlayDirectories({ destination: '/', options: ['lowerdir=/a'] }).upper, undefined);
});

test('entering a user namespace ends as its root, with no signal blocked', () => {
  const program = compileNamespaceEntry({ namespace: 9, path: '/bin/x', argv: ['x'], env: ['A=1'] });
  assert.deepEqual(listing(program).split('\n').slice(1), [
    'setns(9, CLONE_NEWUSER)',
    'close(9)',
    'setresgid(0, 0, 0)',
    'setresuid(0, 0, 0)',
    'rt_sigprocmask(SIG_SETMASK, {}, 0, 8)',
    'execve("/bin/x", ["x"], ["A=1"])',
  ]);
});

test('pasta dies with the supervisor, and finds the namespace by a file that only it sees', () => {
  const lines = listing(
    compilePasta({
      path: '/usr/bin/pasta',
      argv: ['pasta'],
      env: [],
      stdio: [7, 7, 7],
      netns: 8,
      netnsFile: '/pod/netns',
      alive: 9,
      ignoredSignals: [13],
    }),
  ).split('\n');
  assert.ok(indexOf(lines, 'prctl(PR_SET_PDEATHSIG, SIGKILL') < indexOf(lines, 'write(9, ".", 1'));
  assert.ok(indexOf(lines, 'unshare(CLONE_NEWNS)') < indexOf(lines, 'mount("/proc/self/fd/8", "/pod/netns"'));
  indexOf(lines, 'rt_sigaction(SIGPIPE, {SIG_DFL}');
});
