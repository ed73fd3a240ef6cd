import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson } from '../../../schema/json.ts';
import { encodePodManifest, podManifest } from '../../../schema/pod-manifest.ts';
import { keeps, refuses } from './check-decoder.ts';

const image = { id: `sha512-${'0'.repeat(128)}` };
const minimal = { acVersion: '0.8.11', acKind: 'PodManifest', apps: [] };
const hello = { name: 'hello', image };

const full = {
  ...minimal,
  apps: [
    {
      name: 'hello',
      image: { name: 'example.com/hello', ...image, labels: [{ name: 'version', value: '1' }] },
      app: { exec: ['/bin/hello'], user: '0', group: '0' },
      readOnlyRootFS: true,
      mounts: [
        {
          volume: 'work',
          path: '/var/lib/work',
          appVolume: { name: 'work', kind: 'empty', mode: '0755', uid: 0, gid: 0 },
        },
      ],
      annotations: [{ name: 'foo', value: 'baz' }],
    },
    { name: 'other', image },
  ],
  volumes: [
    { name: 'work', kind: 'host', source: '/opt/tenant1/work', readOnly: true, recursive: true },
    { name: 'buildoutput', kind: 'empty', mode: '0755', uid: 0, gid: 0 },
  ],
  isolators: [{ name: 'resource/memory', value: { default: false, limit: '4G' } }],
  annotations: [{ name: 'ip-address', value: '10.1.2.3' }],
  ports: [
    { name: 'ftp', hostPort: 2121, hostIP: '203.0.113.23' },
    {
      name: 'www',
      hostPort: 80,
      podPort: { name: 'www', protocol: 'tcp', port: 8080, count: 1, socketActivated: false },
    },
  ],
  userAnnotations: { a: 'b' },
  userLabels: { c: 'd' },
};

test('podManifest takes the smallest and the fullest manifest', () => {
  keeps(podManifest, [minimal, full]);
  assert.deepEqual(podManifest({ ...minimal, volumes: null, isolators: null, ports: null }), minimal);
});

test('podManifest refuses by the rules of the appc spec', () => {
  const volume = { name: 'a', kind: 'empty' };
  refuses(podManifest, [
    [{ ...minimal, acKind: 'ImageManifest' }, 'acKind: expected "PodManifest", got "ImageManifest"'],
    [{ acVersion: '0.8.11', acKind: 'PodManifest' }, 'apps: missing'],
    [{ ...minimal, apps: [hello, hello] }, 'apps[1].name: "hello" is given twice'],
    [{ ...minimal, apps: [{ name: 'hello', image: {} }] }, 'apps[0].image.id: missing'],
    [
      { ...minimal, apps: [{ name: '../x', image }] },
      'apps[0].name: expected an AC name (lower-case letters and digits, and "-" between them), got "../x"',
    ],
    [{ ...minimal, volumes: [volume, volume] }, 'volumes[1].name: "a" is given twice'],
    [
      { ...minimal, apps: [{ ...hello, mounts: [{ volume: 'a', path: 'db' }] }] },
      'apps[0].mounts[0].path: expected an absolute path, got "db"',
    ],
    [
      { ...minimal, ports: [{ name: 'a', hostPort: 0 }] },
      'ports[0].hostPort: expected an integer from 1 to 65535, got 0',
    ],
    [
      { ...minimal, ports: [{ name: 'a', hostPort: 1, hostIP: 'localhost' }] },
      'ports[0].hostIP: expected an IP address, got "localhost"',
    ],
    [{ ...minimal, isolators: [{ name: 'a', value: 1 }] }, 'isolators[0].name: invalid isolator "a"'],
  ]);
});

test('encodePodManifest() writes the fields in the order of the Go code', () => {
  const shuffled = Object.fromEntries(Object.entries(full).reverse());
  const encoded = JSON.stringify(encodePodManifest(podManifest(shuffled)));
  assert.equal(encoded, JSON.stringify(full));
  assert.deepEqual(decodeJson(encoded, podManifest, { what: 'pod manifest' }), full);
});
