import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acName } from '../../../../schema/ac-name.ts';
import { makeImageId } from '../../../../schema/image-id.ts';
import { imageManifest } from '../../../../schema/image-manifest.ts';
import { makePodManifest } from '../../../../stage0/prepare/pod-manifest.ts';
import type { AppRequest, ImageOfPod, PodEnvironment } from '../../../../stage0/prepare/request.ts';

const asIs: AppRequest = {
  name: undefined,
  exec: undefined,
  args: [],
  user: undefined,
  group: undefined,
  supplementaryGids: undefined,
  workingDirectory: undefined,
  readOnlyRootFs: false,
  environment: [],
  isolators: [],
  mounts: [],
  annotations: [],
  userAnnotations: {},
  userLabels: {},
};
const noEnvironment: PodEnvironment = { fromFiles: [], set: [], inherited: [] };
const host = { os: 'linux', arch: 'amd64' };
const platform = [
  { name: 'os', value: 'linux' },
  { name: 'arch', value: 'amd64' },
];

function image(changes: object = {}, request: Partial<AppRequest> = {}): ImageOfPod {
  const app = { exec: ['/bin/web', '-v'], user: 'web', group: 'staff' };
  const manifest = imageManifest({
    acKind: 'ImageManifest',
    acVersion: '0.8.11',
    name: 'example.com/dir/web.app',
    labels: platform,
    app,
    ...changes,
  });
  return {
    id: makeImageId('0'.repeat(128)),
    manifest,
    request: { ...asIs, ...request },
    unverified: undefined,
  };
}

function make(images: readonly ImageOfPod[], environment = noEnvironment) {
  return makePodManifest(images, { environment, ports: [], volumes: [], mounts: [], fetch: { host } });
}

test("makePodManifest() takes the app as the image has it, named by the image's last component", () => {
  const [app] = make([image()]).apps;
  assert.equal(app?.name, 'web-app');
  assert.deepEqual(app?.app?.exec, ['/bin/web', '-v']);
  assert.equal(app?.app?.user, 'web');
  assert.equal(app?.image.name, 'example.com/dir/web.app');
  assert.equal(app?.readOnlyRootFS, false);
});

test('makePodManifest() appends arguments, and lets --exec take the place of all of exec', () => {
  assert.deepEqual(make([image({}, { args: ['x'] })]).apps[0]?.app?.exec, ['/bin/web', '-v', 'x']);
  assert.deepEqual(make([image({}, { exec: '/sh', args: ['x'] })]).apps[0]?.app?.exec, ['/sh', 'x']);
});

test('makePodManifest() lets the flags of an app replace what its image says', () => {
  const request: Partial<AppRequest> = {
    name: acName('db'),
    user: '1',
    group: '2',
    supplementaryGids: [3],
    workingDirectory: '/srv',
    readOnlyRootFs: true,
    userLabels: { a: 'b' },
  };
  const [app] = make([image({}, request)]).apps;
  assert.equal(app?.name, 'db');
  assert.equal(app?.readOnlyRootFS, true);
  const { user, group, supplementaryGIDs, workingDirectory, userLabels } = app?.app ?? {};
  assert.deepEqual(
    [user, group, supplementaryGIDs, workingDirectory, userLabels],
    ['1', '2', [3], '/srv', { a: 'b' }],
  );
});

test('makePodManifest() runs an image without an app section as root when told what to run', () => {
  const [app] = make([image({ app: undefined }, { exec: '/bin/sh' })]).apps;
  assert.deepEqual([app?.app?.exec, app?.app?.user, app?.app?.group], [['/bin/sh'], '0', '0']);
});

test('makePodManifest() merges environments: flag, --set-env, file, image, caller', () => {
  const one = (value: string, ...names: string[]) => names.map((name) => ({ name, value }));
  const app = { exec: ['/x'], user: '0', group: '0', environment: one('image', 'A', 'B', 'C', 'D') };
  const images = [image({ app }, { environment: one('flag', 'A') })];
  const environment = {
    set: one('set', 'A', 'B'),
    fromFiles: one('file', 'A', 'B', 'C'),
    inherited: one('caller', 'A', 'B', 'C', 'D', 'E'),
  };
  const merged = make(images, environment).apps[0]?.app?.environment ?? [];
  assert.deepEqual(Object.fromEntries(merged.map(({ name, value }) => [name, value])), {
    A: 'flag',
    B: 'set',
    C: 'file',
    D: 'image',
    E: 'caller',
  });
});

test('makePodManifest() lets capabilities of flags replace those of the image, of either kind', () => {
  const app = {
    exec: ['/x'],
    user: '0',
    group: '0',
    isolators: [
      { name: 'os/linux/capabilities-remove-set', value: { set: ['CAP_KILL'] } },
      { name: 'os/linux/oom-score-adj', value: 1 },
    ],
  };
  const retain = { name: 'os/linux/capabilities-retain-set', value: { set: ['CAP_CHOWN'] } } as const;
  const isolators = make([image({ app }, { isolators: [retain] })]).apps[0]?.app?.isolators;
  assert.deepEqual(
    isolators?.map(({ name }) => name),
    ['os/linux/oom-score-adj', 'os/linux/capabilities-retain-set'],
  );
});

test('makePodManifest() runs 32-bit programs on amd64', () => {
  const labels = [
    { name: 'os', value: 'linux' },
    { name: 'arch', value: 'i386' },
  ];
  assert.equal(make([image({ labels })]).apps.length, 1);
});

const bad: readonly [string, object, string][] = [
  ['no os', { labels: [] }, 'image "example.com/dir/web.app": missing os label in the image manifest'],
  [
    'no arch',
    { labels: platform.slice(0, 1) },
    'image "example.com/dir/web.app": missing arch label in the image manifest',
  ],
  [
    'another architecture',
    {
      labels: [
        { name: 'os', value: 'linux' },
        { name: 'arch', value: 'aarch64' },
      ],
    },
    'image "example.com/dir/web.app" is for linux/aarch64: this machine runs linux/amd64',
  ],
  ['no app section', { app: undefined }, 'image "example.com/dir/web.app" has no app section'],
  [
    'an empty exec',
    { app: { exec: [], user: '0', group: '0' } },
    'image "example.com/dir/web.app" has an empty "exec"',
  ],
];

for (const [what, changes, message] of bad)
  test(`makePodManifest() refuses an image with ${what}`, () => {
    assert.throws(() => make([image(changes)]), { message, code: 'ERR_PREPARE' });
  });

test('makePodManifest() refuses two apps of one name', () => {
  assert.throws(() => make([image(), image()]), { message: 'multiple apps with name "web-app"' });
  assert.equal(make([image(), image({}, { name: acName('other') })]).apps.length, 2);
});
