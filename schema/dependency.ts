import { acIdentifier } from './ac-identifier.ts';
import { type Infer, integer, object, optional } from './decode.ts';
import { imageId } from './image-id.ts';
import { labels } from './label.ts';

/** An image to be rendered below this one (appc spec, aci.md, dependencies). `size` is in bytes, of the image as served. */
export type Dependency = Infer<typeof dependency>;

export const dependency = object({
  imageName: acIdentifier,
  imageID: optional(imageId),
  labels: optional(labels),
  size: optional(integer(0)),
});
