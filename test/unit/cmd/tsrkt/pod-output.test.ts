import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../../../../cmd/time.ts';
import { listRows } from '../../../../cmd/tsrkt/list.ts';
import { podJson } from '../../../../cmd/tsrkt/pod-json.ts';
import { statusLines } from '../../../../cmd/tsrkt/status.ts';
import { formatJson } from '../../../../schema/format-json.ts';
import { makeImageId } from '../../../../schema/image-id.ts';
import { ipAddress } from '../../../../schema/ip.ts';
import { parseUuid } from '../../../../schema/uuid.ts';
import type { AppInfo, PodInfo } from '../../../../stage0/pod/info.ts';

const created = 1_700_000_000_500_000_000n;
const now = new Date(1_700_000_125_000);

const web: AppInfo = {
  name: 'web',
  state: 'running',
  imageId: makeImageId('a'.repeat(128)),
  imageName: 'example.com/web:1',
  unverified: undefined,
  createdAt: created,
  startedAt: created,
  finishedAt: undefined,
  exitCode: undefined,
  userAnnotations: {},
  userLabels: {},
};
const running: PodInfo = {
  uuid: parseUuid('6733c088-1507-4f2c-8a4c-1f6b3f1f7a5e'),
  state: 'running',
  createdAt: created,
  startedAt: created + 1_000_000_000n,
  apps: [web, { ...web, name: 'log', imageName: undefined }],
  networks: [
    { netName: 'default', ifName: 'eth0', ip: ipAddress('172.16.28.2') },
    { netName: 'six', ifName: 'eth1', ip: ipAddress('fd00::2') },
  ],
  ports: [],
  pid: 4711,
  isReady: true,
  userAnnotations: { a: 'b' },
  userLabels: {},
  problems: [],
};

test('listRows() has a row for each app, what is the pod’s in the first one only', () => {
  assert.deepEqual(listRows([running], { full: false, now }), [
    [
      '6733c088',
      'web',
      'example.com/web:1',
      'running',
      '2 minutes ago',
      '2 minutes ago',
      'default:ip4=172.16.28.2, six:ip6=fd00::2',
    ],
    ['', 'log', '--', '', '', '', ''],
  ]);
});

test('listRows() cuts nothing when full', () => {
  const [row] = listRows([running], { full: true, now });
  assert.equal(row?.[0], running.uuid);
  assert.equal(row?.[3], 'sha512-aaaaaaaaaaaa');
  assert.equal(row?.[4], 'verified');
  assert.equal(row?.[6], formatTime(new Date(1_700_000_000_500)));
});

test('listRows() shows a pod without a manifest, and one that was never started', () => {
  const pod = { ...running, apps: [], startedAt: undefined, networks: [] };
  assert.deepEqual(listRows([pod], { full: false, now }), [
    ['6733c088', '-', '-', 'running', '2 minutes ago', '', ''],
  ]);
});

test("statusLines() of a running pod has rkt's lines in rkt's order", () => {
  assert.deepEqual(statusLines(running), [
    'state=running',
    `created=${formatTime(new Date(1_700_000_000_500))}`,
    `started=${formatTime(new Date(1_700_000_001_500))}`,
    'networks=default:ip4=172.16.28.2, six:ip6=fd00::2',
    'pid=4711',
    'exited=false',
  ]);
});

test('statusLines() of an exited pod has the status of each app that has one', () => {
  const pod = { ...running, state: 'exited', apps: [{ ...web, exitCode: 137 }, web] } as const;
  assert.deepEqual(statusLines(pod).slice(-2), ['exited=true', 'app-web=137']);
});

test('statusLines() of a prepared pod says nothing about a run', () => {
  const pod = { ...running, state: 'prepared', startedAt: undefined, networks: [], pid: undefined } as const;
  assert.deepEqual(statusLines(pod), [
    'state=prepared',
    `created=${formatTime(new Date(1_700_000_000_500))}`,
  ]);
});

test("podJson() has rkt's fields: seconds for the pod, exact nanoseconds for apps, nothing that is empty", () => {
  const json = JSON.parse(formatJson(podJson({ ...running, apps: [web] })).replace(/\d{19}/g, '"$&"'));
  assert.deepEqual(Object.keys(json), [
    'name',
    'state',
    'networks',
    'app_names',
    'apps',
    'created_at',
    'started_at',
    'user_annotations',
  ]);
  assert.equal(json.created_at, 1_700_000_000);
  assert.equal(json.apps[0].created_at, '1700000000500000000');
  assert.equal(json.apps[0].image_id, web.imageId);
  assert.equal('exit_code' in json.apps[0], false);
});
