import { join } from 'node:path';
import { parseManifest } from '../../image/aci.ts';
import type { JudgeOptions } from '../../image/fetch/judge.ts';
import type { AcName } from '../../schema/ac-name.ts';
import { show } from '../../schema/decode-error.ts';
import { formatJson } from '../../schema/format-json.ts';
import { encodePodManifest, type PodManifest } from '../../schema/pod-manifest.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { chooseApp } from '../enter/choose-app.ts';
import type { Pod } from '../pod/open.ts';
import { readPodFile } from '../pod/read-file.ts';
import { readAppTrust } from '../trust/app-trust.ts';
import { reviewImage, withToday } from '../trust/review-pod.ts';
import { recordRuns, refuseDowngrades } from '../trust/rollback.ts';
import { askSupervisor, type Done } from './ask-supervisor.ts';
import { lockApps, openMutablePod, readPodOnDisk } from './mutable-pod.ts';
import { commitManifest, removeLeftovers, removeTraces, withApp, writeRuntime } from './write-changes.ts';

/** An app of a pod that runs. */
export interface AppOfPod {
  readonly dataDirectory: string;
  readonly uuid: Uuid;
  /** Undefined: the only one. */
  readonly app: string | undefined;
}

/** What was done about an app. */
export interface Changed extends Pick<Done, 'status'> {
  readonly app: AcName;
  /** It was so before. */
  readonly already: boolean;
}

export interface StartOptions extends JudgeOptions {
  readonly allowDowngrade: boolean;
}

/** Starts an app of a mutable pod, whose image is judged as that of a pod that was prepared earlier. */
export async function startApp(which: AppOfPod, options: StartOptions): Promise<Changed> {
  const { dataDirectory, uuid } = which;
  using pod = openMutablePod(dataDirectory, uuid);
  using _lock = lockApps(pod);
  const { manifest } = readPodOnDisk(pod);
  const app = choose(manifest, which);
  const image = await judge(pod, manifest, app, options);
  if (!options.allowDowngrade) refuseDowngrades(dataDirectory, [image]);
  recordRuns(dataDirectory, [image]);
  return changed(app, await askSupervisor(pod, { op: 'start', app }));
}

/** The app's image as it is judged today; the pod's manifest says what came of it. */
async function judge(pod: Pod, manifest: PodManifest, name: AcName, options: StartOptions) {
  const directory = join(pod.files, 'apps', name);
  const kept = { trust: readAppTrust(directory) };
  const trust = await reviewImage(`app ${show(name)}`, kept, options);
  const today = withToday(manifest, [{ name, trust }]);
  if (formatJson(today) !== formatJson(manifest)) commitManifest(pod, today);
  const id = manifest.apps.find((each) => each.name === name)?.image.id;
  if (id === undefined) throw new TypeError(`no app ${name}`);
  return { id, manifest: parseManifest(Buffer.from(readPodFile(join(directory, 'manifest')) ?? '')), trust };
}

/** Stops an app of a mutable pod, and waits until nothing of it runs. */
export async function stopApp(which: AppOfPod): Promise<Changed> {
  using pod = openMutablePod(which.dataDirectory, which.uuid);
  const app = choose(readPodOnDisk(pod).manifest, which);
  return changed(app, await askSupervisor(pod, { op: 'stop', app }));
}

/** Stops an app of a mutable pod and removes it, with its files. */
export async function removeApp(which: AppOfPod): Promise<Changed> {
  using pod = openMutablePod(which.dataDirectory, which.uuid);
  using _lock = lockApps(pod);
  const { manifest, runtime } = readPodOnDisk(pod);
  const app = choose(manifest, which);
  const done = await askSupervisor(pod, { op: 'rm', app });
  const left = encodePodManifest({ ...manifest, apps: manifest.apps.filter(({ name }) => name !== app) });
  commitManifest(pod, left);
  writeRuntime(pod, withApp(runtime, app, {}));
  removeLeftovers(pod, left);
  removeTraces(pod, app, left);
  return changed(app, done);
}

function choose({ apps }: PodManifest, { app }: AppOfPod): AcName {
  return chooseApp(
    apps.map(({ name }) => name),
    app,
  );
}

function changed(app: AcName, { already = false, status }: Done): Changed {
  return { app, already, ...(status === undefined ? {} : { status }) };
}
