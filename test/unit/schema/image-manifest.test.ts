import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeImageManifest, imageManifest } from '../../../schema/image-manifest.ts';
import { decodeJson } from '../../../schema/json.ts';
import { keeps, refuses } from './check-decoder.ts';

const minimal = { acKind: 'ImageManifest', acVersion: '0.8.11', name: 'example.com/hello' };
const app = { exec: ['/bin/hello'], user: '0', group: '0' };
const withApp = (more: object): object => ({ ...minimal, app: { ...app, ...more } });

const full = {
  ...minimal,
  labels: [
    { name: 'version', value: '1.0.0' },
    { name: 'os', value: 'linux' },
    { name: 'arch', value: 'amd64' },
  ],
  app: {
    exec: ['/usr/bin/reduce-worker', '--quiet'],
    eventHandlers: [
      { name: 'pre-start', exec: ['/usr/bin/data-downloader'] },
      { name: 'post-stop', exec: ['/usr/bin/deregister-worker', '--verbose'] },
    ],
    user: 'www-data',
    group: '/etc/passwd',
    supplementaryGIDs: [400],
    workingDirectory: '/opt/work',
    environment: [{ name: 'REDUCE_WORKER.debug-x', value: 'true' }],
    mountPoints: [{ name: 'work', path: '/var/lib/work', readOnly: true }],
    ports: [{ name: 'health', protocol: 'tcp', port: 4000, count: 1, socketActivated: true }],
    isolators: [{ name: 'resource/cpu', value: { default: false, request: '250m', limit: '500m' } }],
    userAnnotations: { key1: 'value1' },
    userLabels: { 'Any Key': '' },
  },
  annotations: [{ name: 'created', value: '2014-10-27T19:32:27.67021798Z' }],
  dependencies: [
    {
      imageName: 'example.com/base',
      imageID: `sha512-${'a'.repeat(128)}`,
      labels: [{ name: 'os', value: 'linux' }],
      size: 22017258,
    },
  ],
  pathWhitelist: ['/etc/ca/example.com/crt'],
};

test('imageManifest takes the smallest and the fullest manifest', () => {
  keeps(imageManifest, [minimal, full, withApp({ exec: [], workingDirectory: '' })]);
  assert.deepEqual(imageManifest({ ...minimal, app: { user: '0', group: '0' } }).app?.exec, []);
});

test('imageManifest ignores unknown fields and nulls, as the Go code does', () => {
  assert.deepEqual(imageManifest({ ...minimal, extra: 1, labels: null, app: null }), minimal);
});

test('imageManifest refuses by the rules of the appc spec', () => {
  refuses(imageManifest, [
    [{ ...minimal, acKind: 'PodManifest' }, 'acKind: expected "ImageManifest", got "PodManifest"'],
    [{ ...minimal, acVersion: '0.0.0' }, 'acVersion: the version cannot be 0.0.0'],
    [{ acKind: 'ImageManifest', acVersion: '0.8.11' }, 'name: missing'],
    [{ ...minimal, pathWhitelist: ['etc'] }, 'pathWhitelist[0]: expected an absolute path, got "etc"'],
    [
      { ...minimal, dependencies: [{ imageName: 'a', imageID: 'sha512-ab' }] },
      'dependencies[0].imageID: expected an image ID (sha512- and 128, or sha256- and 64 lower-case hex digits), got "sha512-ab"',
    ],
    [
      { ...minimal, dependencies: [{ imageName: 'a', size: -1 }] },
      'dependencies[0].size: expected an integer ≥ 0, got -1',
    ],
  ]);
});

test('imageManifest refuses an app by the rules of the appc spec', () => {
  refuses(imageManifest, [
    [{ ...minimal, app: { exec: ['/x'], user: '0' } }, 'app.group: missing'],
    [{ ...minimal, app: { exec: ['/x'], group: '0' } }, 'app.user: missing'],
    [withApp({ user: '' }), 'app.user: cannot be empty'],
    [withApp({ exec: ['a\0b'] }), 'app.exec[0]: NUL character in "a\\u0000b"'],
    [withApp({ workingDirectory: 'x' }), 'app.workingDirectory: expected an absolute path, got "x"'],
    [
      withApp({ supplementaryGIDs: [-1] }),
      'app.supplementaryGIDs[0]: expected an integer from 0 to 4294967295, got -1',
    ],
    [
      withApp({
        mountPoints: [
          { name: 'a', path: '/a' },
          { name: 'b', path: '/b' },
          { name: 'c', path: 'x' },
        ],
      }),
      'app.mountPoints[2].path: expected an absolute path, got "x"',
    ],
    [
      withApp({
        eventHandlers: [
          { name: 'pre-start', exec: [] },
          { name: 'pre-start', exec: [] },
        ],
      }),
      'app.eventHandlers[1].name: "pre-start" is given twice',
    ],
    [
      withApp({ eventHandlers: [{ name: 'post-start', exec: [] }] }),
      'app.eventHandlers[0].name: expected one of "pre-start", "post-stop", got "post-start"',
    ],
    [
      withApp({ environment: [{ name: '1A', value: '' }] }),
      'app.environment[0].name: expected the name of an environment variable (letters, digits, "_", ".", "-"), got "1A"',
    ],
    [
      withApp({
        environment: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
      'app.environment[1].name: "A" is given twice',
    ],
    [withApp({ isolators: [{ name: 'x', value: 1 }] }), 'app.isolators[0].name: invalid isolator "x"'],
    [withApp({ userLabels: { a: 1 } }), 'app.userLabels.a: expected a string, got 1'],
  ]);
});

test('encodeImageManifest() writes the fields in the order of the Go code', () => {
  const shuffled = Object.fromEntries(Object.entries(full).reverse());
  const encoded = JSON.stringify(encodeImageManifest(imageManifest(shuffled)));
  assert.equal(encoded, JSON.stringify(full));
  assert.deepEqual(decodeJson(encoded, imageManifest, { what: 'image manifest' }), full);
});
