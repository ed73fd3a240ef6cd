import { acIdentifier } from './ac-identifier.ts';
import { annotations } from './annotation.ts';
import { app } from './app.ts';
import { absolutePath } from './c-string.ts';
import { array, type Infer, object, oneOf, optional } from './decode.ts';
import { dependency } from './dependency.ts';
import { labels } from './label.ts';
import { acVersion } from './semver.ts';

/** The manifest of an appc image (appc spec 0.8.11, aci.md). Unknown fields are ignored. */
export type ImageManifest = Infer<typeof imageManifest>;

export const imageManifest = object({
  acKind: oneOf('ImageManifest'),
  acVersion,
  name: acIdentifier,
  labels: optional(labels),
  app: optional(app),
  annotations: optional(annotations),
  dependencies: optional(array(dependency)),
  pathWhitelist: optional(array(absolutePath)),
});

/** The manifest as plain JSON, its fields in the order appc's own tools write them; checks what code has made. */
export function encodeImageManifest(manifest: ImageManifest): ImageManifest {
  return imageManifest(manifest);
}
