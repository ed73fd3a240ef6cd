import { array, defaulted, type Infer, matching, object, string } from '../decode.ts';
import { decodeJson } from '../json.ts';
import { type ImageIndex, parseImageIndex } from './manifest.ts';
import { OCI_INDEX } from './media-type.ts';

/** An image of a `docker save` archive: paths in the archive of its configuration and its layers, lowest first. */
export type SavedImage = Infer<typeof savedImage>;

/** The annotation of an entry of index.json that holds its tag (image-spec, annotations.md). */
export const REF_NAME = 'org.opencontainers.image.ref.name';

const ociLayout = object({ imageLayoutVersion: matching(/^1\.\d+\.\d+$/, 'version 1.0.0') });

/** Checks the file `oci-layout` that marks an image layout (image-spec, image-layout.md). Throws DecodeError. */
export function checkOciLayout(bytes: string | Uint8Array): void {
  decodeJson(bytes, ociLayout, { what: 'oci-layout', maxBytes: 64 * 1024 });
}

/** Reads a layout's index.json. Throws DecodeError. */
export function parseLayoutIndex(bytes: string | Uint8Array): ImageIndex {
  return parseImageIndex(bytes, OCI_INDEX);
}

/** A path in an archive: relative, and never up. */
const archivePath = matching(/^(?!(?:.*\/)?\.{0,2}(?:\/|$))[^\0]+$/, 'a path inside the archive');

const savedImage = object({
  Config: archivePath,
  RepoTags: defaulted(array(string), []),
  Layers: defaulted(array(archivePath), []),
});

const savedImages = array(savedImage);

/** Reads the manifest.json of a `docker save` archive. Throws DecodeError. */
export function parseSavedImages(bytes: string | Uint8Array): readonly SavedImage[] {
  return decodeJson(bytes, savedImages, { what: 'manifest.json' });
}
