import type { AppInfo, Nanoseconds, PodInfo } from '../../stage0/pod/info.ts';

/** A pod as `--format=json` shows it: rkt's fields and units (seconds for the pod, nanoseconds for its apps). */
export function podJson(pod: PodInfo) {
  return withoutEmpty({
    name: pod.uuid,
    state: pod.state,
    networks: pod.networks,
    ports: pod.ports,
    app_names: pod.apps.map(({ name }) => name),
    apps: pod.apps.map(appJson),
    created_at: seconds(pod.createdAt),
    started_at: seconds(pod.startedAt),
    user_annotations: pod.userAnnotations,
    user_labels: pod.userLabels,
  });
}

/** An app, of it or alone. */
export function appJson(app: AppInfo) {
  return withoutEmpty({
    name: app.name,
    state: app.state,
    created_at: app.createdAt,
    started_at: app.startedAt,
    finished_at: app.finishedAt,
    exit_code: app.exitCode,
    image_id: app.imageId,
    unverified: app.unverified,
    user_annotations: app.userAnnotations,
    user_labels: app.userLabels,
  });
}

function seconds(time: Nanoseconds | undefined): number | undefined {
  return time === undefined ? undefined : Number(time / 1_000_000_000n);
}

/** As Go's `omitempty`: what is not known, and empty lists and maps, are left out. */
function withoutEmpty(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isEmpty = (each: unknown) =>
    each === undefined || (typeof each === 'object' && each !== null && Object.keys(each).length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, each]) => !isEmpty(each)));
}
