import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageRootfs } from '../../image/store/rootfs.ts';
import { openStore } from '../../image/store.ts';
import { replaceFile } from '../../linux/durable-file.ts';
import { removeTree } from '../../linux/remove-tree.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { AcName } from '../../schema/ac-name.ts';
import { show } from '../../schema/decode-error.ts';
import { formatJson } from '../../schema/format-json.ts';
import { encodePodManifest, type RuntimeApp } from '../../schema/pod-manifest.ts';
import type { Uuid } from '../../schema/uuid.ts';
import { openRunningPod } from '../enter/running-app.ts';
import type { Pod } from '../pod/open.ts';
import { refusedIsolators } from '../prepare/app-section.ts';
import { openImageRoot } from '../prepare/image-root.ts';
import { runtimeApp } from '../prepare/pod-manifest.ts';
import {
  type FetchedImageOfPod,
  fetchImageOfPod,
  keepTrees,
  type PrepareRequest,
  storageOf,
  type WantedImage,
} from '../prepare/prepare.ts';
import { type AppImage, writeApp } from '../prepare/write-pod.ts';
import { hostView } from '../run/host-view.ts';
import { refuseDowngrades } from '../trust/rollback.ts';
import { readPrivateUsers } from '../user-namespace/private-users-file.ts';
import { makeVolumeDirectories } from '../volumes/make-directories.ts';
import { type CompiledApp, compileApp, type Laxity } from './compile-app.ts';
import { lockApps, MutableError, openMutablePod, type PodOnDisk, readPodOnDisk } from './mutable-pod.ts';
import { commitManifest, removeLeftovers, removeTraces, withApp, writeRuntime } from './write-changes.ts';

type Shared = 'dataDirectory' | 'environment' | 'fetch' | 'allowDowngrade' | 'onWarning';

/** An app for a pod that runs. */
export interface AddRequest extends Pick<PrepareRequest, Shared> {
  readonly uuid: Uuid;
  readonly image: WantedImage;
  readonly laxity: Laxity;
}

/**
 * Adds an app to a mutable pod, without starting it; its name. What is built is nobody's until the pod's manifest names it: a failure takes it
 * back, and what a killed process leaves the next change of the pod removes.
 */
export async function addApp(request: AddRequest): Promise<AcName> {
  const { dataDirectory, uuid, fetch } = request;
  using pod = openMutablePod(dataDirectory, uuid);
  const store = openStore(dataDirectory);
  const image = await fetchImageOfPod(store, request.image, fetch).catch(notStored(request.image));
  if (!request.allowDowngrade) refuseDowngrades(dataDirectory, [image]);
  for (const warning of refusedIsolators(image)) request.onWarning(warning);
  using _trees = keepTrees(dataDirectory);
  const rootfs = await imageRootfs(store, image.id);
  using _lock = lockApps(pod);
  const onDisk = readPodOnDisk(pod);
  const app = newApp(image, onDisk, request);
  removeLeftovers(pod, onDisk.manifest);
  removeTraces(pod, app.name, onDisk.manifest);
  const { name } = app;
  const { manifest } = onDisk;
  try {
    const compiled = await build(pod, onDisk, { app, image: { ...image, name, rootfs } }, request);
    openRunningPod(dataDirectory, uuid)[Symbol.dispose](); // it may have ended meanwhile
    writeRuntime(pod, withApp(onDisk.runtime, name, compiled));
    commitManifest(pod, encodePodManifest({ ...manifest, apps: [...manifest.apps, app] }));
  } catch (error) {
    removeTree(join(pod.files, 'apps', name));
    throw error;
  }
  return name;
}

function notStored({ reference }: WantedImage): (error: unknown) => never {
  return (cause) => {
    if (!hasCode(cause, 'ERR_NOT_FOUND')) throw cause;
    const hint = `tsrkt fetch ${reference} brings it there`;
    throw new MutableError(`image ${show(reference)} is not in the store`, hint, { cause });
  };
}

function newApp(
  image: FetchedImageOfPod,
  { manifest }: PodOnDisk,
  { environment, fetch }: AddRequest,
): RuntimeApp {
  const app = runtimeApp(image, { environment, mounts: [], volumes: manifest.volumes ?? [], fetch });
  if (manifest.apps.some(({ name }) => name === app.name))
    throw new MutableError(
      `the pod has an app ${JSON.stringify(app.name)} already`,
      'give it a name of its own with --name after its image',
    );
  return app;
}

interface AppToBuild {
  readonly app: RuntimeApp;
  readonly image: AppImage;
}

/** Makes the directory of an app, with all that is needed to start it. */
async function build(
  pod: Pod,
  onDisk: PodOnDisk,
  { app, image }: AppToBuild,
  { dataDirectory, laxity, onWarning }: AddRequest,
): Promise<CompiledApp> {
  const directory = join(pod.files, 'apps', app.name);
  const privateUsers = readPrivateUsers(pod.files);
  const { overlay = true } = onDisk.runtime.mutable ?? {};
  await writeApp(directory, image, { ...storageOf({ overlay }, privateUsers), durable: false });
  const lowers = existsSync(join(directory, 'upper')) ? image.rootfs.lowers : undefined;
  using files = openImageRoot(lowers ?? [join(directory, 'rootfs')]);
  const prepared = { app, image: image.manifest, files, lowers };
  const compiled = compileApp({ dataDirectory, pod, onDisk, prepared, privateUsers, laxity }, hostView());
  for (const warning of compiled.warnings) onWarning(warning);
  await makeVolumeDirectories(pod.files, compiled.volumeDirectories, () => image.rootfs.lowers);
  writeFileSync(join(directory, 'config.json'), `${formatJson(compiled.config, 2)}\n`);
  mkdirSync(join(pod.files, 'status'), { recursive: true });
  replaceFile(join(pod.files, 'status', `${app.name}-created`), '', { sync: false });
  return compiled;
}
