import type { HostPlatform } from '../../image/reference/appc.ts';
import { type AcIdentifier, parseAcIdentifier } from '../../schema/ac-identifier.ts';
import { type AcName, sanitizeAcName } from '../../schema/ac-name.ts';
import {
  type ExposedPort,
  encodePodManifest,
  type PodManifest,
  type RuntimeApp,
} from '../../schema/pod-manifest.ts';
import { acVersion } from '../../schema/semver.ts';
import { withVerification } from '../trust/app-trust.ts';
import { appSection } from './app-section.ts';
import { checkRunnable } from './platform.ts';
import { PrepareError } from './prepare-error.ts';
import type { ImageOfPod, PodEnvironment } from './request.ts';

/** What is asked of a pod as a whole. */
export interface PodManifestRequest {
  readonly environment: PodEnvironment;
  readonly ports: readonly ExposedPort[];
  readonly fetch: { readonly host: HostPlatform };
}

/** The appc pod manifest of these images, in their order. Throws PrepareError for an image that cannot run here. */
export function makePodManifest(
  images: readonly ImageOfPod[],
  { environment, ports, fetch }: PodManifestRequest,
): PodManifest {
  const apps = images.map((image) => runtimeApp(image, environment, fetch.host));
  refuseDuplicates(apps.map((app) => app.name));
  return encodePodManifest({
    acVersion: AC_VERSION,
    acKind: 'PodManifest',
    apps,
    annotations: [IMMUTABLE],
    ports,
  });
}

const AC_VERSION = acVersion('0.8.11');

/** rkt marks pods whose apps cannot change so. */
const IMMUTABLE = { name: parseAcIdentifier('coreos.com/rkt/stage1/mutable'), value: 'false' };

function runtimeApp(image: ImageOfPod, environment: PodEnvironment, host: HostPlatform): RuntimeApp {
  const { id, manifest, request, unverified } = image;
  const { name, labels = [] } = manifest;
  checkRunnable(name, labels, host);
  return {
    name: request.name ?? defaultName(name),
    image: { name, id, labels },
    app: appSection(image, environment),
    readOnlyRootFS: request.readOnlyRootFs,
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
