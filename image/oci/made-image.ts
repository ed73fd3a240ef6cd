import { createHash } from 'node:crypto';
import { type Digest, makeDigest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { parseOciManifest } from '../../schema/oci/manifest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../schema/oci/media-type.ts';
import type { ResolvedImage } from './source.ts';

/** The media type of a layer that is compressed in this way. */
export const layerType = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

export function sha256(bytes: Uint8Array): Digest {
  return makeDigest('sha256', createHash('sha256').update(bytes).digest('hex'));
}

/** The manifest of an image that came without one. The same configuration and layers give the same bytes. */
export function madeImage(config: Buffer, layers: readonly Descriptor[]): ResolvedImage {
  const describe = ({ mediaType, digest, size }: Descriptor) => ({ mediaType, digest, size });
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: describe({ mediaType: OCI_CONFIG, digest: sha256(config), size: config.length }),
      layers: layers.map(describe),
    }),
  );
  return {
    manifest: parseOciManifest(bytes, OCI_MANIFEST),
    manifestBytes: bytes,
    manifestDigest: sha256(bytes),
    manifestType: OCI_MANIFEST,
    indexes: [],
  };
}
