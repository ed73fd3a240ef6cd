import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acName } from '../../../schema/ac-name.ts';
import { parseUuid } from '../../../schema/uuid.ts';
import { podEvents } from '../../../stage0/events/diff.ts';
import type { AppInfo, PodInfo } from '../../../stage0/pod/info.ts';

const uuid = parseUuid('6733c088-a507-4694-aabf-9b6e3f1a5c55');
const app = { name: acName('web'), state: 'created' } as Partial<AppInfo> as AppInfo;
const pod = {
  uuid,
  state: 'prepared',
  isReady: false,
  apps: [app],
  problems: [],
} as Partial<PodInfo> as PodInfo;
const running = { ...pod, state: 'running', isReady: true, apps: [{ ...app, startedAt: 5n }] } as const;
const exited = { ...running, state: 'exited', apps: [{ ...app, startedAt: 5n, exitCode: 3 }] } as const;

test('podEvents() tells a life in order, however much of it was between two looks', () => {
  const types = (before: readonly PodInfo[], after: readonly PodInfo[]) =>
    podEvents(before, after).map((event) => ('state' in event ? event.state : event.type));
  assert.deepEqual(types([], [pod]), ['pod-created', 'prepared']);
  assert.deepEqual(types([pod], [running]), ['running', 'app-started', 'pod-ready']);
  assert.deepEqual(types([running], [exited]), ['app-exited', 'exited']);
  assert.deepEqual(types([], [exited]), ['pod-created', 'app-started', 'app-exited', 'exited']);
  assert.deepEqual(types([exited], []), ['pod-removed']);
  assert.deepEqual(types([running], [running]), []);
});

test('podEvents() tells of an app that was started again', () => {
  const again = { ...running, apps: [{ ...app, startedAt: 9n, exitCode: 1 }] };
  const before = { ...running, apps: [{ ...app, startedAt: 5n, exitCode: 1 }] };
  assert.deepEqual(podEvents([before], [again]), [
    { type: 'app-started', pod: uuid, app: 'web' },
    { type: 'app-exited', pod: uuid, app: 'web', exitCode: 1 },
  ]);
});

test('podEvents() tells of apps that come into a pod that runs, and go', () => {
  const empty = { ...running, apps: [] };
  const types = (before: PodInfo, after: PodInfo) => podEvents([before], [after]).map(({ type }) => type);
  assert.deepEqual(types(empty, running), ['app-added', 'app-started']);
  assert.deepEqual(types(running, empty), ['app-removed']);
});
