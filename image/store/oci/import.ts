import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from '../../../linux/durable-file.ts';
import type { Digest } from '../../../schema/digest.ts';
import { formatJson } from '../../../schema/format-json.ts';
import { imageIdOf } from '../../../schema/image-id.ts';
import { encodeImageManifest, type ImageManifest } from '../../../schema/image-manifest.ts';
import type { Descriptor } from '../../../schema/oci/descriptor.ts';
import { type ImageConfig, parseImageConfig } from '../../../schema/oci/image-config.ts';
import { rfc3339 } from '../../../schema/rfc3339.ts';
import { type ImageOrigin, imageManifestOf } from '../../oci/image-manifest.ts';
import type { ImageSource, ResolvedImage } from '../../oci/source.ts';
import { ImportError, importing } from '../error.ts';
import { MANIFEST, RECORD, readImage, type StoredImage } from '../image.ts';
import type { Store } from '../layout.ts';
import { formatRecord } from '../publish.ts';
import type { ImageRecord, OciParts, Verification } from '../record.ts';
import { makeTemporary } from '../temporary.ts';
import { syncOldParts } from '../unsynced.ts';
import {
  type Bringing,
  type BroughtLayer,
  bringBlob,
  bringLayers,
  type WantedLayer,
} from './bring-layers.ts';
import { useLayers } from './in-use.ts';
import type { IncomingBlob, OnBytes } from './incoming-blob.ts';
import { publishOci } from './publish.ts';
import type { UnpackCommand } from './unpack-process.ts';

/** An OCI image that was decided about, on its way into the store. */
export interface OciImport {
  /** What the user asked for. */
  readonly name: string;
  readonly origin: Pick<ImageOrigin, 'name' | 'tag'>;
  /** How it is called in its registry. */
  readonly reference?: string | undefined;
  readonly source: ImageSource;
  readonly image: ResolvedImage;
  readonly verification: Verification;
  readonly onBytes: (blob: Descriptor) => OnBytes;
  /** Another process fetches this blob; called before waiting for it. */
  readonly onWait: (blob: Descriptor) => void;
  /** What unpacks a layer in a process of its own, where there are several. */
  readonly unpackCommand?: UnpackCommand | undefined;
}

/**
 * Brings an OCI image into the store: downloads the blobs it lacks, several at once, unpacks the layers it lacks, and publishes
 * all of it, so that an image that can be seen is complete. What came stays for a later attempt when this one fails.
 */
export async function importOci(store: Store, incoming: OciImport): Promise<StoredImage> {
  return await importing(incoming.name, async () => {
    syncOldParts(store);
    using _inUse = useLayers(store);
    using temporary = makeTemporary(store, 'oci');
    const { source, onBytes, onWait, unpackCommand } = incoming;
    const scratch = temporary.path;
    const bringing: Bringing = { store, source, onBytes, onWait, unpackCommand, scratch, blobs: new Map() };
    try {
      return await bringAndPublish(bringing, incoming);
    } finally {
      for (const blob of await Promise.allSettled(bringing.blobs.values()))
        if (blob.status === 'fulfilled') blob.value[Symbol.dispose]();
    }
  });
}

async function bringAndPublish(bringing: Bringing, incoming: OciImport): Promise<StoredImage> {
  const { store, scratch } = bringing;
  const { manifest, manifestDigest } = incoming.image;
  const config = await bringConfig(bringing, manifest.config);
  const wanted = wantedLayers(incoming, config);
  const appc = appcManifest(incoming, config);
  const layers = await bringLayers(bringing, wanted);
  const record = newRecord(incoming, appc, wanted, layers);
  const id = imageIdOf(manifestDigest);
  const manifestFile = join(scratch, 'manifest-blob');
  createFile(manifestFile, incoming.image.manifestBytes, { sync: false });
  const image = writeImage(join(scratch, 'image'), appc, record);
  const arrived = await arrivedBlobs(bringing.blobs);
  const made = layers.flatMap(({ id, made }) => (made === undefined ? [] : [{ id, path: made }]));
  const blobs = [{ digest: manifestDigest, path: manifestFile }, ...arrived];
  publishOci(store, id, record, { blobs, layers: made, image, scratch });
  return readImage(store, id);
}

async function bringConfig(bringing: Bringing, descriptor: Descriptor): Promise<ImageConfig> {
  if (descriptor.size > MAX_CONFIG)
    throw new ImportError(descriptor.digest, `its configuration is larger than ${MAX_CONFIG} bytes`);
  const { fd } = await bringBlob(bringing, descriptor);
  return parseImageConfig(readFileSync(`/proc/self/fd/${fd}`));
}

const MAX_CONFIG = 8 << 20;

function wantedLayers({ name, image }: OciImport, { rootfs }: ImageConfig): readonly WantedLayer[] {
  const { layers } = image.manifest;
  if (layers.length !== rootfs.diff_ids.length) {
    const problem = `its manifest has ${layers.length} layers, its configuration ${rootfs.diff_ids.length}`;
    throw new ImportError(name, problem, { code: 'ERR_IMAGE_LAYERS' });
  }
  return rootfs.diff_ids.flatMap((diffId, index): WantedLayer[] => {
    const blob = layers[index];
    return blob === undefined ? [] : [{ blob, diffId }];
  });
}

function appcManifest({ origin, image }: OciImport, config: ImageConfig): ImageManifest {
  const { manifest, manifestDigest } = image;
  return encodeImageManifest(
    imageManifestOf(config, { ...origin, manifestDigest, configDigest: manifest.config.digest }),
  );
}

function newRecord(
  { name: source, image, reference, verification }: OciImport,
  { name, labels = [] }: ImageManifest,
  wanted: readonly WantedLayer[],
  layers: readonly BroughtLayer[],
): ImageRecord {
  const { manifest, manifestBytes, manifestDigest, manifestType, indexes } = image;
  const blobs = new Map([manifest.config, ...manifest.layers].map(({ digest, size }) => [digest, size]));
  const oci: OciParts = {
    mediaType: manifestType,
    config: manifest.config.digest,
    layers: wanted.flatMap(({ blob: { digest, mediaType }, diffId }, index) => {
      const layer = layers[index]?.id;
      return layer === undefined ? [] : [{ digest, mediaType, diffId, layer }];
    }),
    indexes: indexes.map(({ digest }) => digest),
    references: reference === undefined ? [] : [reference],
  };
  return {
    blob: manifestDigest,
    size: [...blobs.values()].reduce((sum, size) => sum + size, manifestBytes.length),
    compression: 'none',
    importTime: rfc3339(new Date().toISOString()),
    source,
    name,
    labels,
    verification,
    oci,
  };
}

function writeImage(directory: string, manifest: ImageManifest, record: ImageRecord): string {
  mkdirSync(directory, { mode: 0o755 });
  createFile(join(directory, MANIFEST), formatJson(manifest), { sync: false });
  createFile(join(directory, RECORD), formatRecord(record), { sync: false });
  return directory;
}

async function arrivedBlobs(blobs: ReadonlyMap<Digest, Promise<IncomingBlob>>) {
  const all = await Promise.all(blobs.values());
  return all.flatMap(({ digest, partial }) => (partial === undefined ? [] : [{ digest, path: partial }]));
}
