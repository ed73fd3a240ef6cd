import { array, type Decoder, defaulted, type Infer, object, oneOf, optional } from '../decode.ts';
import { DecodeError, show } from '../decode-error.ts';
import { decodeJson } from '../json.ts';
import { descriptor, ociAnnotations } from './descriptor.ts';
import { documentKind, type MediaType, mediaType } from './media-type.ts';

/** A list of manifests, one for each platform (image-spec, image-index.md; Docker: manifest list). */
export type ImageIndex = Infer<typeof imageIndex>;

/** An image for one platform, or an artifact (image-spec, manifest.md; Docker: image manifest v2, schema 2). */
export type OciManifest = Infer<typeof ociManifest>;

const common = {
  schemaVersion: oneOf(2),
  mediaType: optional(mediaType),
  artifactType: optional(mediaType),
  subject: optional(descriptor),
  annotations: optional(ociAnnotations),
  fsLayers: optional(foreign('a manifest of schema 1')),
};

const imageIndex = object({
  ...common,
  manifests: defaulted(array(descriptor), []),
  config: optional(foreign('an image manifest')),
  layers: optional(foreign('an image manifest')),
});

const ociManifest = object({
  ...common,
  config: descriptor,
  layers: defaulted(array(descriptor), []),
  manifests: optional(foreign('an index')),
});

/**
 * A document that can be read both as an index and as a manifest says different things to different readers
 * (CVE-2021-41190), so neither may have the other's fields.
 */
function foreign(owner: string): Decoder<never> {
  return (_value, at = '') => {
    throw new DecodeError(at, `this is a field of ${owner}, the document is none`);
  };
}

/** Reads an index whose descriptor or Content-Type said `expected`. Throws DecodeError. */
export function parseImageIndex(bytes: string | Uint8Array, expected: MediaType): ImageIndex {
  return parse(bytes, expected, imageIndex, 'index');
}

/** Reads a manifest whose descriptor or Content-Type said `expected`. Throws DecodeError. */
export function parseOciManifest(bytes: string | Uint8Array, expected: MediaType): OciManifest {
  return parse(bytes, expected, ociManifest, 'manifest');
}

function parse<T extends { readonly mediaType?: MediaType }>(
  bytes: string | Uint8Array,
  expected: MediaType,
  decoder: Decoder<T>,
  kind: 'index' | 'manifest',
): T {
  const what = kind === 'index' ? 'image index' : 'image manifest';
  if (documentKind(expected) !== kind)
    throw new DecodeError(what, `media type ${show(expected)} is of no ${what}`);
  const document = decodeJson(bytes, decoder, { what });
  const isDocker = expected.startsWith('application/vnd.docker.');
  const own = document.mediaType ?? (isDocker ? '' : expected); // OCI: "SHOULD be used"; Docker always writes it
  if (own !== expected)
    throw new DecodeError(what, `mediaType: expected ${show(expected)}, as announced, got ${show(own)}`);
  return document;
}

/** Whether the manifest is one of a container image: anything else can be stored, but must not be run. */
export function isContainerImage({ config, artifactType }: OciManifest): boolean {
  return documentKind(config.mediaType) === 'config' && artifactType === undefined;
}
