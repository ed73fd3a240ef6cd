import { annotationValue } from '../../schema/annotation.ts';
import type { App } from '../../schema/app.ts';
import type { ImageManifest } from '../../schema/image-manifest.ts';
import { type EtcFile, etcMounts } from '../etc-files/plan.ts';
import { PrepareError } from '../prepare/prepare-error.ts';
import type { ResolvedApp } from '../runtime-config/app-config.ts';
import { resolveIdentity } from '../runtime-config/identity.ts';
import { type IsolationChoices, isolationOf } from '../runtime-config/isolation.ts';
import type { AppWithVolumes, VolumePlan } from '../volumes/plan.ts';
import type { PreparedApp } from './prepared-app.ts';

/** What an app's part of the pod manifest and its image say, as one. */
export interface DescribedApp extends AppWithVolumes {
  readonly prepared: PreparedApp;
}

/** An app section in the pod manifest replaces the image's as a whole. */
export function describeApp(prepared: PreparedApp): DescribedApp {
  const { app, image } = prepared;
  const section = app.app ?? image.app;
  if (section === undefined) throw new PrepareError(`app ${JSON.stringify(app.name)} has no app section`);
  return { app, section, isConverted: isConverted(image), prepared };
}

/** What an app shares with the others of its pod. */
export interface PodOfApp extends IsolationChoices {
  readonly path: string;
  readonly etcFiles: readonly EtcFile[];
  readonly volumes: VolumePlan;
}

/** Answers every question about an app. Reads its image's user files. */
export function resolveApp(
  { app, section, isConverted: converted, prepared }: DescribedApp,
  pod: PodOfApp,
): ResolvedApp {
  const { files, lowers } = prepared;
  const { name, readOnlyRootFS = false } = app;
  const { mounts = [], devices = [] } = pod.volumes.apps.get(name) ?? {};
  return {
    name,
    args: section.exec,
    environment: section.environment ?? [],
    workingDirectory: section.workingDirectory || '/',
    identity: resolveIdentity(identityRequest(name, section, converted), files),
    isolation: isolationOf(section.isolators ?? [], pod),
    root: appRoot(`${pod.path}/apps/${name}`, lowers, readOnlyRootFS),
    files: etcMounts(pod.path, pod.etcFiles, files.has),
    volumes: mounts,
    devices,
  };
}

function identityRequest(app: string, { user, group, supplementaryGIDs = [] }: App, converted: boolean) {
  return { app, user, group, supplementaryGids: supplementaryGIDs, isConverted: converted };
}

function appRoot(directory: string, lowers: readonly string[] | undefined, readonly: boolean) {
  const overlay =
    lowers === undefined ? undefined : { lowers, upper: `${directory}/upper`, work: `${directory}/work` };
  return { path: `${directory}/rootfs`, overlay, readonly };
}

/** docker2aci, and so our own conversion, leaves its marks. */
function isConverted({ annotations = [] }: ImageManifest): boolean {
  return annotationValue(annotations, 'appc.io/docker/repository') !== undefined;
}
