import type { Uuid } from '../../schema/uuid.ts';
import type { AppInfo, PodInfo } from '../pod/info.ts';

/** Something that happened to a pod or one of its apps, as far as two looks at it tell. */
export type PodEvent =
  | { readonly type: 'pod-created' | 'pod-ready' | 'pod-removed'; readonly pod: Uuid }
  | { readonly type: 'pod-state'; readonly pod: Uuid; readonly state: string }
  | { readonly type: 'app-added' | 'app-removed'; readonly pod: Uuid; readonly app: string }
  | { readonly type: 'app-started'; readonly pod: Uuid; readonly app: string }
  | { readonly type: 'app-exited'; readonly pod: Uuid; readonly app: string; readonly exitCode: number };

/** What has happened between one look and the next, in an order in which it can have happened. */
export function podEvents(before: readonly PodInfo[], after: readonly PodInfo[]): readonly PodEvent[] {
  const removed = before.filter(({ uuid }) => !after.some((pod) => pod.uuid === uuid));
  return [
    ...after.flatMap((pod) =>
      eventsOf(
        before.find(({ uuid }) => uuid === pod.uuid),
        pod,
      ),
    ),
    ...removed.map(({ uuid }): PodEvent => ({ type: 'pod-removed', pod: uuid })),
  ];
}

function eventsOf(before: PodInfo | undefined, pod: PodInfo): readonly PodEvent[] {
  const { uuid, state, isReady, apps } = pod;
  const events: PodEvent[] = [];
  if (before === undefined) events.push({ type: 'pod-created', pod: uuid });
  const isNew = before?.state !== state;
  const ends = ['exited', 'exited garbage', 'garbage'].includes(state);
  if (isNew && !ends) events.push({ type: 'pod-state', pod: uuid, state });
  if (before?.state === 'running') events.push(...addedApps(before, pod));
  for (const app of apps)
    events.push(
      ...appEvents(
        uuid,
        before?.apps.find(({ name }) => name === app.name),
        app,
      ),
    );
  if (before?.state === 'running') events.push(...removedApps(before, pod));
  if (isReady && !before?.isReady && !ends) events.push({ type: 'pod-ready', pod: uuid });
  if (isNew && ends) events.push({ type: 'pod-state', pod: uuid, state });
  return events;
}

/** Only the apps of a pod that runs come one by one. */
function addedApps(before: PodInfo, { uuid, apps }: PodInfo): readonly PodEvent[] {
  const names = before.apps.map(({ name }) => name);
  return apps.flatMap(({ name }) =>
    names.includes(name) ? [] : [{ type: 'app-added', pod: uuid, app: name } as const],
  );
}

function removedApps(before: PodInfo, { uuid, apps }: PodInfo): readonly PodEvent[] {
  const names = apps.map(({ name }) => name);
  return before.apps.flatMap(({ name }) =>
    names.includes(name) ? [] : [{ type: 'app-removed', pod: uuid, app: name } as const],
  );
}

function appEvents(
  pod: Uuid,
  before: AppInfo | undefined,
  { name, startedAt, exitCode }: AppInfo,
): readonly PodEvent[] {
  const isStarted = startedAt !== undefined && startedAt !== before?.startedAt;
  const isOver = exitCode !== undefined && (isStarted || before?.exitCode === undefined);
  return [
    ...(isStarted ? [{ type: 'app-started', pod, app: name } as const] : []),
    ...(isOver ? [{ type: 'app-exited', pod, app: name, exitCode } as const] : []),
  ];
}
