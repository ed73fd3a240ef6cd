import { acIdentifier } from './ac-identifier.ts';
import { acName } from './ac-name.ts';
import { annotations } from './annotation.ts';
import { app, userData } from './app.ts';
import { absolutePath } from './c-string.ts';
import { array, boolean, type Infer, integer, object, oneOf, optional, uniqueArray } from './decode.ts';
import { imageId } from './image-id.ts';
import { ipAddress } from './ip.ts';
import { isolators } from './isolator.ts';
import { labels } from './label.ts';
import { port } from './port.ts';
import { acVersion } from './semver.ts';
import { volume } from './volume.ts';

/** The manifest of a pod (appc spec 0.8.11, pods.md). Unknown fields are ignored. */
export type PodManifest = Infer<typeof podManifest>;
export type RuntimeApp = Infer<typeof runtimeApp>;
export type RuntimeImage = Infer<typeof runtimeImage>;
export type AppMount = Infer<typeof mount>;
export type ExposedPort = Infer<typeof exposedPort>;

const runtimeImage = object({ name: optional(acIdentifier), id: imageId, labels: optional(labels) });

/** `appVolume` is a volume only this app has. */
const mount = object({ volume: acName, path: absolutePath, appVolume: optional(volume) });

/** An `app` here replaces the image's app as a whole. */
const runtimeApp = object({
  name: acName,
  image: runtimeImage,
  app: optional(app),
  readOnlyRootFS: optional(boolean),
  mounts: optional(array(mount)),
  annotations: optional(annotations),
});

/** Without `podPort` it is the port of that name of one of the apps. */
const exposedPort = object({
  name: acName,
  hostPort: integer(1, 65_535),
  hostIP: optional(ipAddress),
  podPort: optional(port),
});

export const podManifest = object({
  acVersion,
  acKind: oneOf('PodManifest'),
  apps: uniqueArray(runtimeApp, (each) => each.name, 'name'),
  volumes: optional(uniqueArray(volume, (each) => each.name, 'name')),
  isolators: optional(isolators),
  annotations: optional(annotations),
  ports: optional(array(exposedPort)),
  userAnnotations: optional(userData),
  userLabels: optional(userData),
});

/** The manifest as plain JSON, its fields in the order appc's own tools write them; checks what code has made. */
export function encodePodManifest(manifest: PodManifest): PodManifest {
  return podManifest(manifest);
}
