import { type Decoder, matching } from '../decode.ts';

/** A media type without parameters (RFC 6838 §4.2), as descriptors carry it. */
export type MediaType = string;

export const mediaType: Decoder<MediaType> = matching(
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/,
  'a media type such as "application/vnd.oci.image.manifest.v1+json"',
);

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const DOCKER_MANIFEST_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';

/** What a document or blob of this type is: an `artifact` is anything that is no part of a container image. */
export type DocumentKind = 'index' | 'manifest' | 'config' | 'artifact';

export function documentKind(type: MediaType): DocumentKind {
  if (type === OCI_INDEX || type === DOCKER_MANIFEST_LIST) return 'index';
  if (type === OCI_MANIFEST || type === DOCKER_MANIFEST) return 'manifest';
  if (type === OCI_CONFIG || type === DOCKER_CONFIG) return 'config';
  return 'artifact';
}

/** How the tar of each type of layer is compressed (image-spec, layer.md; Docker's image manifest v2, schema 2). */
const layers: Readonly<Record<MediaType, LayerCompression>> = {
  'application/vnd.oci.image.layer.v1.tar': 'none',
  'application/vnd.oci.image.layer.v1.tar+gzip': 'gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd': 'zstd',
  'application/vnd.oci.image.layer.nondistributable.v1.tar': 'none',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip': 'gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd': 'zstd',
  'application/vnd.docker.image.rootfs.diff.tar': 'none',
  'application/vnd.docker.image.rootfs.diff.tar.gzip': 'gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip': 'gzip',
};

/** Whether a layer of this type must not be passed on (image-spec, layer.md; Docker's foreign layers). */
export function isNondistributable(type: MediaType): boolean {
  return /^application\/vnd\.(?:oci\.image\.layer\.nondistributable|docker\.image\.rootfs\.foreign)\./.test(
    type,
  );
}

export type LayerCompression = 'none' | 'gzip' | 'zstd';

/** The compression of a layer of this type, or undefined where it is no type of layer. */
export function layerCompression(type: MediaType): LayerCompression | undefined {
  return Object.hasOwn(layers, type) ? layers[type] : undefined;
}
