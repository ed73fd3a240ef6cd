import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAPABILITIES } from '../../../../linux/capability.ts';
import { formatJson } from '../../../../schema/format-json.ts';
import { decodeJson } from '../../../../schema/json.ts';
import { runtimeConfig } from '../../../../schema/runtime-config.ts';
import {
  appConfig,
  type PodChoices,
  type ResolvedApp,
} from '../../../../stage0/runtime-config/app-config.ts';
import {
  capabilitySets,
  DEFAULT_CAPABILITIES,
  missingCapabilities,
} from '../../../../stage0/runtime-config/capabilities.ts';
import { overlayMount } from '../../../../stage0/runtime-config/overlay.ts';
import { sandboxConfig } from '../../../../stage0/runtime-config/sandbox-config.ts';

const app: ResolvedApp = {
  name: 'web',
  args: ['/bin/web', '-v'],
  environment: [],
  workingDirectory: '/srv',
  identity: { uid: 0, gid: 0, additionalGids: [5] },
  isolation: {
    capabilities: { kind: 'default' },
    seccomp: { kind: 'default' },
    noNewPrivileges: false,
    oomScoreAdj: undefined,
    resources: {},
  },
  root: {
    path: '/pod/apps/web/rootfs',
    overlay: { lowers: ['/t'], upper: '/u', work: '/w' },
    readonly: false,
  },
  files: [],
  volumes: [],
  devices: [],
};
const pod: PodChoices = {
  interactive: false,
  shm: '/pod/shm',
  cgroup: 'tsrkt-1',
  architecture: 'x64',
  capabilities: CAPABILITIES,
  maxOpenFiles: 4096n,
  insecurePaths: false,
  hostNetwork: false,
  hostIpc: false,
};

test('appConfig() is a valid runtime-spec config, as the decoder sees it', () => {
  const config = appConfig(app, pod);
  assert.deepEqual(decodeJson(formatJson(config), runtimeConfig, { what: 'config' }), config);
});

test('appConfig() mounts the overlay first, then the default file systems', () => {
  const destinations = appConfig(app, pod).mounts?.map(({ destination }) => destination);
  assert.deepEqual(destinations, ['/', '/proc', '/sys', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue']);
});

test('appConfig() has no overlay where the root directory holds the files', () => {
  const { mounts } = appConfig({ ...app, root: { ...app.root, overlay: undefined } }, pod);
  assert.equal(mounts?.[0]?.destination, '/proc');
});

test('appConfig() joins the namespaces of the sandbox, but for mount and cgroup', () => {
  assert.deepEqual(appConfig(app, pod).linux?.namespaces, [
    { type: 'pid', path: 'sandbox' },
    { type: 'network', path: 'sandbox' },
    { type: 'ipc', path: 'sandbox' },
    { type: 'uts', path: 'sandbox' },
    { type: 'mount' },
    { type: 'cgroup' },
  ]);
});

test('--net=host and --ipc=parent leave their namespaces out, for apps and sandbox alike', () => {
  const host = { ...pod, hostNetwork: true, hostIpc: true };
  const types = (config: ReturnType<typeof appConfig>) => config.linux?.namespaces?.map(({ type }) => type);
  assert.deepEqual(types(appConfig(app, host)), ['pid', 'uts', 'mount', 'cgroup']);
  assert.deepEqual(types(sandboxConfig({ ...host, hostname: 'h', sysctl: {}, resources: {}, volumes: [] })), [
    'pid',
    'uts',
    'mount',
    'cgroup',
  ]);
});

test('appConfig() hides and protects paths, unless they are insecure', () => {
  assert.ok(appConfig(app, pod).linux?.maskedPaths?.includes('/proc/kcore'));
  assert.ok(appConfig(app, pod).linux?.readonlyPaths?.includes('/proc/sys'));
  const { linux, mounts } = appConfig(app, { ...pod, insecurePaths: true });
  assert.equal(linux?.maskedPaths, undefined);
  assert.equal(linux?.readonlyPaths, undefined);
  assert.ok(mounts?.find(({ destination }) => destination === '/sys')?.options?.includes('rw'));
});

test('appConfig() limits open files as systemd does, at most to what there is', () => {
  const limit = (maxOpenFiles: bigint) => appConfig(app, { ...pod, maxOpenFiles }).process?.rlimits?.[0];
  assert.deepEqual(limit(524288n), { type: 'RLIMIT_NOFILE', soft: 1024n, hard: 524288n });
  assert.deepEqual(limit(512n), { type: 'RLIMIT_NOFILE', soft: 512n, hard: 512n });
});

test('sandboxConfig() names the pod, sets kernel parameters and mounts its shared memory', () => {
  const sysctl = { 'net.ipv4.ip_forward': '1' };
  const { hostname, linux, mounts, process } = sandboxConfig({
    ...pod,
    hostname: 'h',
    sysctl,
    resources: {},
    volumes: [],
  });
  assert.equal(hostname, 'h');
  assert.deepEqual(linux?.sysctl, sysctl);
  assert.equal(process, undefined);
  assert.deepEqual(
    mounts?.map(({ destination, type }) => [destination, type]),
    [['/pod/shm', 'tmpfs']],
  );
});

test('overlayMount() escapes what the kernel would take for its own', () => {
  const { options } = overlayMount({ lowers: ['/a:b,c\\d'], upper: '/u:,\\', work: '/w' });
  assert.deepEqual(options, ['lowerdir=/a\\:b\\,c\\\\d', 'upperdir=/u:\\,\\\\', 'workdir=/w']);
});

test('capabilitySets() gives root the default set, without anything inheritable', () => {
  const sets = capabilitySets({ kind: 'default' }, 0, CAPABILITIES);
  assert.equal(DEFAULT_CAPABILITIES.length, 14);
  assert.deepEqual(sets.bounding, DEFAULT_CAPABILITIES);
  assert.deepEqual(sets.effective, DEFAULT_CAPABILITIES);
  assert.deepEqual(sets.inheritable, []);
});

test('capabilitySets() gives other users a bounding set only', () => {
  const { bounding, effective, permitted, ambient } = capabilitySets({ kind: 'default' }, 1000, CAPABILITIES);
  assert.deepEqual([bounding, effective, permitted, ambient], [DEFAULT_CAPABILITIES, [], [], []]);
});

test('capabilitySets() gives other users what is retained by name as ambient capabilities', () => {
  const set = ['CAP_NET_BIND_SERVICE'];
  const sets = capabilitySets({ kind: 'retain', set }, 1000, CAPABILITIES);
  assert.deepEqual(Object.values(sets), [set, set, set, set, set]);
});

test('capabilitySets() gives nobody what we do not have; missingCapabilities() names what is asked for in vain', () => {
  const own = ['CAP_KILL', 'CAP_CHOWN'];
  assert.deepEqual(capabilitySets({ kind: 'all' }, 0, own).permitted, own.toSorted());
  const choice = { kind: 'retain', set: ['CAP_KILL', 'CAP_SYS_ADMIN'] } as const;
  assert.deepEqual(capabilitySets(choice, 0, own).bounding, ['CAP_KILL']);
  assert.deepEqual(missingCapabilities('web', choice, own), [
    'app "web": it cannot have CAP_SYS_ADMIN, which tsrkt itself lacks',
  ]);
  assert.deepEqual(missingCapabilities('web', { kind: 'all' }, own), []);
});

test('appConfig() has a cgroup below the pod’s, the default seccomp profile and no device but the default ones', () => {
  const { linux } = appConfig(app, pod);
  assert.equal(linux?.cgroupsPath, 'tsrkt-1/web');
  assert.equal(linux?.seccomp?.defaultAction, 'SCMP_ACT_ERRNO');
  assert.deepEqual(linux?.resources, { devices: [{ allow: false, access: 'rwm' }] });
  assert.equal(appConfig(app, { ...pod, insecurePaths: true }).linux?.resources?.devices, undefined);
  const free = { ...app, isolation: { ...app.isolation, seccomp: { kind: 'all' } as const } };
  assert.equal(appConfig(free, pod).linux?.seccomp, undefined);
});
