import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podManifest } from '../../../../schema/pod-manifest.ts';
import { checkFly, unenforcedByFly } from '../../../../stage0/flavor/fly.ts';
import { flyConfig } from '../../../../stage0/flavor/fly-config.ts';
import type { RunRequest } from '../../../../stage0/run/request.ts';
import type { ResolvedApp } from '../../../../stage0/runtime-config/app-config.ts';

const image = { id: `sha512-${'0'.repeat(128)}` };
const section = {
  exec: ['/x'],
  user: '0',
  group: '0',
  isolators: [{ name: 'os/linux/cpu-shares', value: 2 }],
};
const pod = (names: readonly string[]) =>
  podManifest({
    acVersion: '0.8.11',
    acKind: 'PodManifest',
    apps: names.map((name) => ({ name, image, app: section })),
    isolators: [{ name: 'resource/memory', value: { limit: '1Gi' } }],
  });
const request: RunRequest = {
  flavor: 'fly',
  network: { mode: 'host' },
  resolvConf: { from: 'image' },
  hosts: { from: 'image' },
  hostname: undefined,
  interactive: false,
  debug: false,
  hostIpc: false,
  allCapabilities: false,
  insecurePaths: false,
  insecureSeccomp: false,
};
const app: ResolvedApp = {
  name: 'web',
  args: ['/bin/web'],
  environment: [],
  workingDirectory: '/srv',
  identity: { uid: 1, gid: 2, additionalGids: [5] },
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
    readonly: true,
  },
  files: [],
  volumes: [{ destination: '/data', type: 'bind', source: '/srv', options: ['bind', 'ro'] }],
  devices: [],
};

test('checkFly() lets a pod of one app in the network of the host through', () => {
  checkFly(pod(['web']), request);
});

const bad: readonly [what: string, apps: readonly string[], changes: Partial<RunRequest>, message: RegExp][] =
  [
    ['several apps', ['a', 'b'], {}, /^fly only supports 1 application per Pod for now$/],
    ['a network', ['a'], { network: { mode: 'none' } }, /network of the host/],
    ['a host name', ['a'], { hostname: 'h' }, /host name of the host/],
    ['a choice of IPC', ['a'], { hostIpc: true }, /IPC namespace/],
  ];
for (const [what, apps, changes, message] of bad)
  test(`checkFly() refuses ${what}`, () => {
    assert.throws(() => checkFly(pod(apps), { ...request, ...changes }), { code: 'ERR_FLY', message });
  });

test('unenforcedByFly() names every isolator, of pod and app', () => {
  assert.deepEqual(unenforcedByFly(pod(['web'])), [
    '--stage1=fly: isolator resource/memory has no effect',
    '--stage1=fly: isolator os/linux/cpu-shares has no effect',
  ]);
});

test('flyConfig() gives an app its root and identity, the kernel file systems of the host, and no confinement', () => {
  const { process, root, mounts, linux } = flyConfig(app, 4096n);
  assert.deepEqual(process?.user, app.identity);
  assert.equal(process?.capabilities, undefined);
  assert.deepEqual(root, { path: '/pod/apps/web/rootfs', readonly: true });
  assert.deepEqual(linux, { namespaces: [{ type: 'mount' }] });
  assert.deepEqual(
    mounts?.map(({ destination, type }) => [destination, type]),
    [
      ['/', 'overlay'],
      ['/dev', 'bind'],
      ['/proc', 'bind'],
      ['/sys', 'bind'],
      ['/tmp', 'tmpfs'],
      ['/data', 'bind'],
    ],
  );
  assert.deepEqual(mounts?.find(({ destination }) => destination === '/proc')?.options, ['rbind', 'rshared']);
  assert.deepEqual(mounts?.at(-1)?.options, ['bind', 'ro', 'rshared']);
});
