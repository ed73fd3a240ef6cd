import type { HostPlatform } from '../../image/reference/appc.ts';
import { type AcIdentifier, parseAcIdentifier } from '../../schema/ac-identifier.ts';
import { type AcName, sanitizeAcName } from '../../schema/ac-name.ts';
import type { Annotations } from '../../schema/annotation.ts';
import {
  type AppMount,
  type ExposedPort,
  encodePodManifest,
  type PodManifest,
  type RuntimeApp,
} from '../../schema/pod-manifest.ts';
import { acVersion } from '../../schema/semver.ts';
import type { Volume } from '../../schema/volume.ts';
import { withVerification } from '../trust/app-trust.ts';
import { mergeMounts } from '../volumes/merge-mounts.ts';
import { appSection } from './app-section.ts';
import { completeManifest } from './given-manifest.ts';
import { checkRunnable } from './platform.ts';
import { PrepareError } from './prepare-error.ts';
import type { ImageOfPod, PodEnvironment } from './request.ts';

/** What is asked of a pod as a whole. */
export interface PodManifestRequest {
  readonly environment: PodEnvironment;
  readonly ports: readonly ExposedPort[];
  readonly volumes: readonly Volume[];
  /** Of all apps. */
  readonly mounts: readonly AppMount[];
  readonly fetch: { readonly host: HostPlatform };
  /** The manifest as somebody wrote it: all but the images is said there. */
  readonly given?: PodManifest | undefined;
  /** The pod is changed while it runs, and what is said of it as a whole. */
  readonly mutable?: PodNotes | undefined;
}

/** What users write down of a pod as a whole. */
export interface PodNotes {
  readonly annotations: Annotations;
  readonly userAnnotations: Readonly<Record<string, string>>;
  readonly userLabels: Readonly<Record<string, string>>;
}

/** The appc pod manifest of these images, in their order. Throws PrepareError for an image that cannot run here. */
export function makePodManifest(images: readonly ImageOfPod[], request: PodManifestRequest): PodManifest {
  const { ports, volumes, given, mutable } = request;
  if (given !== undefined) return completeManifest(given, images, request.fetch.host);
  const apps = images.map((image) => runtimeApp(image, request));
  refuseDuplicates(apps.map((app) => app.name));
  const { annotations = [], ...notes } = mutable ?? {};
  return encodePodManifest({
    acVersion: AC_VERSION,
    acKind: 'PodManifest',
    apps,
    volumes,
    annotations: [...annotations, { name: MUTABLE, value: String(mutable !== undefined) }],
    ports,
    ...notes,
  });
}

const AC_VERSION = acVersion('0.8.11');

/** rkt marks pods so whose apps can change, or cannot. */
const MUTABLE = parseAcIdentifier('coreos.com/rkt/stage1/mutable');

/** An app's part of the manifest. */
export function runtimeApp(
  image: ImageOfPod,
  pod: Pick<PodManifestRequest, 'environment' | 'mounts' | 'volumes' | 'fetch'>,
): RuntimeApp {
  const { id, manifest, request, unverified } = image;
  const { name, labels = [] } = manifest;
  checkRunnable(name, labels, pod.fetch.host);
  return {
    name: request.name ?? defaultName(name),
    image: { name, id, labels },
    app: appSection(image, pod.environment),
    readOnlyRootFS: request.readOnlyRootFs,
    mounts: mergeMounts(pod.mounts, request.mounts, pod.volumes),
    annotations: withVerification(request.annotations, unverified),
  };
}

/** The last component of the image's name. */
function defaultName(name: AcIdentifier): AcName {
  return sanitizeAcName(name.slice(name.lastIndexOf('/') + 1));
}

function refuseDuplicates(names: readonly AcName[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return;
  throw new PrepareError(
    `multiple apps with name ${JSON.stringify(twice)}`,
    'give each a name of its own with --name after its image',
  );
}
