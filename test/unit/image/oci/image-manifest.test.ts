import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageManifestOf } from '../../../../image/oci/image-manifest.ts';
import { portsOf } from '../../../../image/oci/ports.ts';
import { annotationValue } from '../../../../schema/annotation.ts';
import { parseImageConfig } from '../../../../schema/oci/image-config.ts';

const origin = {
  name: 'docker.io/library/web',
  tag: '1.2',
  manifestDigest: 'sha256:m',
  configDigest: 'sha256:c',
};

function manifestOf(config: object, more: object = {}) {
  const document = {
    architecture: 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [] },
    ...more,
  };
  return imageManifestOf(parseImageConfig(JSON.stringify(document)), origin);
}

test('imageManifestOf() says in appc’s words what an OCI configuration says', () => {
  const manifest = manifestOf(
    {
      Entrypoint: ['/bin/web'],
      Cmd: ['--port', '80'],
      Env: ['PATH=/bin', 'A=1', 'A=2=3', 'NOVALUE', '1BAD=x', 'EMPTY='],
      WorkingDir: '/srv',
      User: 'web:www',
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      Volumes: { '/var/lib/data': {}, '/var/lib-data': {} },
      Labels: { maintainer: 'me' },
      StopSignal: 'SIGINT',
      Healthcheck: { Test: ['CMD', '/bin/check'], Interval: 30_000_000_000 },
    },
    { created: '2026-01-02T03:04:05Z', author: 'Me' },
  );
  assert.equal(manifest.name, 'docker.io/library/web');
  assert.deepEqual(manifest.labels, [
    { name: 'version', value: '1.2' },
    { name: 'os', value: 'linux' },
    { name: 'arch', value: 'amd64' },
  ]);
  assert.deepEqual(manifest.app, {
    exec: ['/bin/web', '--port', '80'],
    user: 'web',
    group: 'www',
    workingDirectory: '/srv',
    environment: [
      { name: 'PATH', value: '/bin' },
      { name: 'A', value: '2=3' },
      { name: 'EMPTY', value: '' },
    ],
    mountPoints: [
      { name: 'volume-var-lib-data', path: '/var/lib/data' },
      { name: 'volume-var-lib-data-2', path: '/var/lib-data' },
    ],
    ports: [
      { name: '80-tcp', protocol: 'tcp', port: 80, count: 1, socketActivated: false },
      { name: '53-udp', protocol: 'udp', port: 53, count: 1, socketActivated: false },
    ],
    userLabels: { maintainer: 'me' },
  });
  const annotation = (name: string) => annotationValue(manifest.annotations ?? [], name);
  assert.equal(annotation('created'), '2026-01-02T03:04:05Z');
  assert.equal(annotation('authors'), 'Me');
  assert.equal(annotation('appc.io/docker/repository'), 'docker.io/library/web');
  assert.equal(annotation('appc.io/docker/manifesthash'), 'sha256:m');
  assert.equal(annotation('appc.io/docker/entrypoint'), '["/bin/web"]');
  assert.equal(annotation('appc.io/docker/stopsignal'), 'SIGINT');
  assert.equal(
    annotation('appc.io/docker/healthcheck'),
    '{"Test":["CMD","/bin/check"],"Interval":30000000000}',
  );
});

test('imageManifestOf() makes root of no user, and a user alone its own group', () => {
  const identity = (User?: string) => {
    const { user, group } = manifestOf(User === undefined ? {} : { User }).app ?? {};
    return [user, group];
  };
  assert.deepEqual(identity(), ['0', '0']);
  assert.deepEqual(identity(''), ['0', '0']);
  assert.deepEqual(identity('1000'), ['1000', '1000']);
  assert.deepEqual(identity('web:'), ['web', 'web']);
  assert.deepEqual(identity('1:2'), ['1', '2']);
});

test('imageManifestOf() takes working directories from the root, and none upwards', () => {
  assert.equal(manifestOf({ WorkingDir: 'srv' }).app?.workingDirectory, '/srv');
  assert.throws(() => manifestOf({ WorkingDir: '/srv/../..' }), { code: 'ERR_IMAGE_CONFIG' });
});

test('imageManifestOf() refuses images for what is no Linux we know', () => {
  assert.throws(() => manifestOf({}, { os: 'windows' }), { code: 'ERR_IMAGE_CONFIG' });
  assert.throws(() => manifestOf({}, { architecture: 'toaster' }), { code: 'ERR_IMAGE_CONFIG' });
});

test('imageManifestOf() makes an app of a configuration that says nothing', () => {
  assert.deepEqual(manifestOf({}).app?.exec, []);
});

const ports: [text: string, port: object | undefined][] = [
  ['80', { name: '80-tcp', protocol: 'tcp', port: 80, count: 1, socketActivated: false }],
  [
    '8000-8010/udp',
    { name: '8000-8010-udp', protocol: 'udp', port: 8000, count: 11, socketActivated: false },
  ],
  ['65535/tcp', { name: '65535-tcp', protocol: 'tcp', port: 65535, count: 1, socketActivated: false }],
  ['9/sctp', undefined],
  ['0/tcp', undefined],
  ['70000/tcp', undefined],
  ['90-80/tcp', undefined],
];

for (const [text, port] of ports)
  test(`portsOf() reads ${text}`, () => assert.deepEqual(portsOf([text]), port === undefined ? [] : [port]));
