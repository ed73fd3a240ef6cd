import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageConfig } from '../../../../schema/oci/image-config.ts';
import { refuses } from '../check-decoder.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const minimal = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest] } };
const read = (document: unknown): unknown => parseImageConfig(JSON.stringify(document));

const full = {
  created: '2015-10-31T22:22:56.015925234Z',
  author: 'Alyssa P. Hacker <alyspdev@example.com>',
  architecture: 'arm64',
  os: 'linux',
  variant: 'v8',
  config: {
    User: 'alice:staff',
    ExposedPorts: { '8080/tcp': {}, '53/udp': {}, 80: {}, '9000-9010/tcp': {} },
    Env: ['PATH=/usr/bin', 'FOO=oci_is_a'],
    Entrypoint: ['/bin/my-app-binary'],
    Cmd: ['--foreground'],
    Volumes: { '/var/job-result-data': {} },
    WorkingDir: '/home/alice',
    Labels: { 'com.example.project.git.url': 'https://example.com/project.git', '': '' },
    StopSignal: 'SIGTERM',
    Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 30000000000, Timeout: 0, Retries: 3 },
    ArgsEscaped: true,
  },
  rootfs: { type: 'layers', diff_ids: [digest, digest] },
  history: [
    { created: '2015-10-31T22:22:54.690851953Z', created_by: '/bin/sh -c #(nop)', empty_layer: true },
  ],
};

test('parseImageConfig() takes the smallest and the fullest configuration', () => {
  assert.deepEqual(read(minimal), minimal);
  const { Healthcheck, ...config } = full.config;
  assert.deepEqual(read(full), {
    ...full,
    config: { ...config, Healthcheck: { ...Healthcheck, Interval: 30000000000n, Timeout: 0n } },
  });
});

test('parseImageConfig() takes the nulls and the empty dates that Docker writes', () => {
  const nulls = {
    Env: null,
    Cmd: null,
    Volumes: null,
    Entrypoint: null,
    Labels: null,
    OnBuild: null,
    Image: '',
  };
  assert.deepEqual(read({ ...minimal, created: '', config: nulls, history: null }), {
    ...minimal,
    config: {},
  });
});

test('parseImageConfig() refuses what cannot be run or verified', () => {
  const config = (more: object): object => ({ ...minimal, config: more });
  refuses(read, [
    [{ architecture: 'amd64', os: 'linux' }, 'image configuration: rootfs: missing'],
    [
      { ...minimal, rootfs: { type: 'layers', diff_ids: ['x'] } },
      'image configuration: rootfs.diff_ids[0]: expected a digest (sha256: and 64, or sha512: and 128 lower-case hex digits), got "x"',
    ],
    [
      { ...minimal, rootfs: { type: 'base', diff_ids: [] } },
      'image configuration: rootfs.type: expected "layers", got "base"',
    ],
    [config({ Env: ['A\0=B'] }), 'image configuration: config.Env[0]: NUL character in "A\\u0000=B"'],
    [config({ Cmd: 'sh' }), 'image configuration: config.Cmd: expected an array, got "sh"'],
    [
      config({ ExposedPorts: { http: {} } }),
      'image configuration: config.ExposedPorts: expected a port such as "80/tcp", got "http"',
    ],
    [
      { ...minimal, created: 'today' },
      'image configuration: created: expected an RFC 3339 date such as "2006-01-02T15:04:05Z", got "today"',
    ],
  ]);
});
