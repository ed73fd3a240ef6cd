import assert from 'node:assert/strict';
import { test } from 'node:test';
import { app as appSection, type MountPoint } from '../../../../schema/app.ts';
import { type AppMount, podManifest } from '../../../../schema/pod-manifest.ts';
import { volume } from '../../../../schema/volume.ts';
import { mergeMounts } from '../../../../stage0/volumes/merge-mounts.ts';
import { type AppWithVolumes, planVolumes, type VolumeChoices } from '../../../../stage0/volumes/plan.ts';

const image = { id: `sha512-${'0'.repeat(128)}` };
const choices: VolumeChoices = {
  podPath: '/pod',
  hostFile: () => ({ type: 'directory' }),
  flavor: 'default',
};

interface Said {
  readonly name?: string;
  readonly mounts?: readonly object[];
  readonly mountPoints?: readonly object[];
  readonly isConverted?: boolean;
}

function app({ name = 'web', mounts = [], mountPoints = [], isConverted = false }: Said): AppWithVolumes {
  const pod = podManifest({ acVersion: '0.8.11', acKind: 'PodManifest', apps: [{ name, image, mounts }] });
  const section = appSection({ exec: ['/x'], user: '0', group: '0', mountPoints });
  return { app: pod.apps[0]!, section, isConverted };
}

const host = volume({ name: 'data', kind: 'host', source: '/srv' });
const empty = volume({ name: 'data', kind: 'empty', mode: '1777', uid: 4, gid: 5 });
const mount = { volume: 'data', path: '/d' };
const point: MountPoint = appSection({
  exec: [],
  user: '0',
  group: '0',
  mountPoints: [{ name: 'data', path: '/d' }],
}).mountPoints![0]!;

function options(
  volumeChanges: object,
  pointChanges: object = {},
  flavor: VolumeChoices['flavor'] = 'default',
) {
  const changed = volume({ ...host, ...volumeChanges });
  const user = app({ mountPoints: [{ ...point, ...pointChanges }] });
  return planVolumes([changed], [user], { ...choices, flavor }).apps.get('web')?.mounts[0]?.options;
}

test('planVolumes() binds a volume of the host where it is mounted, with what is mounted below it', () => {
  const plan = planVolumes([host], [app({ mounts: [mount] })], choices);
  assert.deepEqual(plan.apps.get('web')?.mounts, [
    { destination: '/d', type: 'bind', source: '/srv', options: ['rbind'] },
  ]);
  assert.deepEqual([plan.directories, plan.shared, plan.warnings], [[], [], []]);
});

test('a volume that is read only is so with all below it; what the volume says goes before the mount point', () => {
  assert.deepEqual(options({ readOnly: true }), ['rbind', 'rro']);
  assert.deepEqual(options({ readOnly: true, recursive: false }), ['bind', 'ro']);
  assert.deepEqual(options({}, { readOnly: true }), ['rbind', 'rro']);
  assert.deepEqual(options({ readOnly: false }, { readOnly: true }), ['rbind']);
});

test('a volume is the one of a mount point of its name, also where it is mounted elsewhere by another name', () => {
  const user = app({ mounts: [{ volume: 'data', path: '/elsewhere' }], mountPoints: [point] });
  const mounts = planVolumes([host], [user], choices).apps.get('web')?.mounts;
  assert.deepEqual(
    mounts?.map(({ destination }) => destination),
    ['/elsewhere', '/d'],
  );
});

test('a mount at the path of a mount point takes its place', () => {
  const other = volume({ name: 'other', kind: 'host', source: '/other' });
  const user = app({
    mounts: [{ volume: 'other', path: '/d' }],
    mountPoints: [{ ...point, path: '/x/../d/' }],
  });
  const { apps, warnings } = planVolumes([other], [user], choices);
  assert.deepEqual(
    apps.get('web')?.mounts.map(({ source }) => source),
    ['/other'],
  );
  assert.deepEqual(warnings, []);
});

test('an empty volume is one directory of the pod for all apps', () => {
  const apps = [app({ name: 'a', mounts: [mount] }), app({ name: 'b', mounts: [mount] })];
  const plan = planVolumes([empty], apps, choices);
  assert.deepEqual(plan.directories, [{ path: 'volumes/data', mode: 0o1777, uid: 4, gid: 5 }]);
  for (const name of ['a', 'b'])
    assert.deepEqual(plan.apps.get(name)?.mounts, [
      { destination: '/d', type: 'bind', source: '/pod/volumes/data', options: ['bind', 'nodev'] },
    ]);
});

test('a volume in memory is mounted once, in the sandbox, and bound from there', () => {
  const memory = volume({ name: 'data', kind: 'tmpfs', mode: '0700', size: '1Mi' });
  const apps = [app({ name: 'a', mounts: [mount] }), app({ name: 'b', mounts: [mount] })];
  const plan = planVolumes([memory], apps, choices);
  const source = '/pod/volumes/data';
  assert.deepEqual(plan.shared, [
    {
      destination: source,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'nodev', 'mode=0700', 'uid=0', 'gid=0', 'size=1048576'],
    },
  ]);
  assert.equal(plan.directories.length, 1);
  assert.equal(plan.apps.get('b')?.mounts[0]?.source, source);
});

test('a mount point without a volume is given an empty one of its own, with a warning', () => {
  const plan = planVolumes([], [app({ mountPoints: [point] })], choices);
  assert.deepEqual(plan.directories, [{ path: 'apps/web/volumes/data', mode: 0o755, uid: 0, gid: 0 }]);
  assert.equal(plan.apps.get('web')?.mounts[0]?.source, '/pod/apps/web/volumes/data');
  assert.deepEqual(plan.warnings, [
    'no volume specified for mount point "data", implicitly creating an "empty" volume. This volume will be removed when the pod is garbage-collected.',
  ]);
});

test('an implicit volume of an image converted from Docker begins as the directory of the image', () => {
  const plan = planVolumes([], [app({ mountPoints: [point], isConverted: true })], choices);
  assert.deepEqual(plan.directories[0]?.copyOf, { app: 'web', path: '/d' });
  assert.match(plan.warnings[1] ?? '', /^Docker converted image, initializing implicit volume with data/);
  const named = planVolumes([empty], [app({ mountPoints: [point], isConverted: true })], choices);
  assert.equal(named.directories[0]?.copyOf, undefined);
});

test('what lies above another is mounted before it', () => {
  const mounts = ['/a/b/c', '/a', '/a/b'].map((path) => ({ volume: 'data', path }));
  const planned = planVolumes([host], [app({ mounts })], choices).apps.get('web')?.mounts;
  assert.deepEqual(
    planned?.map(({ destination }) => destination),
    ['/a', '/a/b', '/a/b/c'],
  );
});

test('a device of the host as a volume is a device the app may open', () => {
  const device = { type: 'c', major: 10, minor: 232 } as const;
  const user = app({ mounts: [mount] });
  const plan = planVolumes([{ ...host, readOnly: true }], [user], { ...choices, hostFile: () => device });
  assert.deepEqual(plan.apps.get('web')?.devices, [{ ...device, readOnly: true }]);
});

test('a volume of the host that is not there is an error that names it', () => {
  assert.throws(
    () => planVolumes([host], [app({ mounts: [mount] })], { ...choices, hostFile: () => undefined }),
    { code: 'ERR_VOLUME', message: 'app "web": volume "data": there is no "/srv" on this machine' },
  );
});

for (const path of ['/', '//', '/x/..', '/proc', '/proc/', '/x/../proc/sys/kernel'])
  test(`no volume can be mounted on ${path}, whoever asks`, () => {
    const error = { code: 'ERR_VOLUME', message: /^app "web": volume "data" cannot be mounted on "\// };
    assert.throws(() => planVolumes([host], [app({ mounts: [{ ...mount, path }] })], choices), error);
    assert.throws(() => planVolumes([], [app({ mountPoints: [{ ...point, path }] })], choices), error);
  });

test('files of /proc that only tell figures may be covered', () => {
  const user = app({ mounts: [{ ...mount, path: '/proc/meminfo' }] });
  assert.equal(planVolumes([host], [user], choices).apps.get('web')?.mounts.length, 1);
});

test('fly wants a volume for every mount point, and binds without what is below unless told so', () => {
  const fly: VolumeChoices = { ...choices, flavor: 'fly' };
  assert.throws(() => planVolumes([], [app({ mountPoints: [point] })], fly), {
    message: 'missing volume for mountpoint "data"',
  });
  assert.deepEqual(options({}, {}, 'fly'), ['bind']);
  assert.deepEqual(options({ recursive: true }, {}, 'fly'), ['rbind']);
  const memory = volume({ name: 'data', kind: 'tmpfs' });
  const plan = planVolumes([memory], [app({ mounts: [mount] })], fly);
  assert.deepEqual(plan.shared, []);
  assert.equal(plan.apps.get('web')?.mounts[0]?.type, 'tmpfs');
});

test('mergeMounts() lets the mount of an app win over one of all apps at the same path', () => {
  const [all, own] = [mount, { volume: 'other', path: '/x//../d/' }] as unknown as AppMount[];
  const other = volume({ name: 'other', kind: 'empty' });
  assert.deepEqual(mergeMounts([all!], [own!], [host, other]), [{ volume: 'other', path: '/d' }]);
  assert.throws(() => mergeMounts([all!], [own!], [host]), {
    code: 'ERR_VOLUME',
    message: 'dangling mount point "/d": volume "other" not found',
  });
});
