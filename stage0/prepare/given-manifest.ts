import type { HostPlatform } from '../../image/reference/appc.ts';
import type { App } from '../../schema/app.ts';
import { encodePodManifest, type PodManifest, type RuntimeApp } from '../../schema/pod-manifest.ts';
import { narrowedIsolators } from '../isolation/unverified.ts';
import { withVerification } from '../trust/app-trust.ts';
import { checkRunnable } from './platform.ts';
import { PrepareError } from './prepare-error.ts';
import type { ImageOfPod } from './request.ts';

/** A pod manifest that somebody wrote, with what it leaves to its images; `images` are those of its apps, in their order. */
export function completeManifest(
  manifest: PodManifest,
  images: readonly ImageOfPod[],
  host: HostPlatform,
): PodManifest {
  const apps = manifest.apps.flatMap((app, index) => {
    const image = images[index];
    return image === undefined ? [] : [completeApp(app, image, host)];
  });
  return encodePodManifest({ ...manifest, apps });
}

/** What a pod manifest says is the user's word; what only an unverified image says is not. */
function narrowed(app: App | undefined, unverified: string | undefined): App | undefined {
  if (app?.isolators === undefined || unverified === undefined) return app;
  return { ...app, isolators: narrowedIsolators(app.isolators).isolators };
}

function completeApp(
  app: RuntimeApp,
  { id, manifest, unverified }: ImageOfPod,
  host: HostPlatform,
): RuntimeApp {
  const { name, labels = [] } = manifest;
  checkRunnable(name, labels, host);
  const section = app.app ?? narrowed(manifest.app, unverified);
  if (section === undefined || section.exec.length === 0)
    throw new PrepareError(
      `app ${JSON.stringify(app.name)}: neither the pod manifest nor its image says what to run`,
    );
  return {
    ...app,
    image: { name, id, labels },
    app: section,
    annotations: withVerification(app.annotations ?? [], unverified),
  };
}
