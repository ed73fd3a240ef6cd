import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Digest, makeDigest } from '../../schema/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../schema/oci/media-type.ts';
import { type Member, tar } from './tar.ts';

export interface Document {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: Digest;
}

export interface SampleImage extends Document {
  /** Config and layers, by digest. */
  readonly blobs: ReadonlyMap<Digest, Buffer>;
  readonly layers: readonly Digest[];
}

export function digestOf(bytes: Buffer): Digest {
  return makeDigest('sha256', createHash('sha256').update(bytes).digest('hex'));
}

export function document(mediaType: string, value: object): Document {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, mediaType, digest: digestOf(bytes) };
}

/** A small image of these layers, gzipped, with this `config` section. */
export function sampleImage(
  layers: readonly (readonly Member[])[] = [[{ name: 'hello', content: 'hello\n' }]],
  config: object = { Cmd: ['/hello'] },
): SampleImage {
  const tars = layers.map(tar);
  const blobs = tars.map((each) => gzipSync(each));
  const configDocument = document(OCI_CONFIG, {
    architecture: 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  });
  const manifest = document(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: describe(configDocument),
    layers: blobs.map((bytes) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: digestOf(bytes),
      size: bytes.length,
    })),
  });
  const entries = [configDocument.bytes, ...blobs].map((bytes) => [digestOf(bytes), bytes] as const);
  return { ...manifest, blobs: new Map(entries), layers: blobs.map(digestOf) };
}

export function describe({ mediaType, digest, bytes }: Document): {
  mediaType: string;
  digest: Digest;
  size: number;
} {
  return { mediaType, digest, size: bytes.length };
}

/** An index of these images for these platforms. */
export function sampleIndex(images: Readonly<Record<string, Document>>): Document {
  const manifests = Object.entries(images).map(([platform, image]) => {
    const [os, architecture, variant] = platform.split('/');
    return {
      ...describe(image),
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    };
  });
  return document(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests });
}
