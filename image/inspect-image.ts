import { readFileSync } from 'node:fs';
import { parseJson } from '../schema/json.ts';
import { parseOciManifest } from '../schema/oci/manifest.ts';
import { decisionIn } from './fetch/kept-decision.ts';
import type { StoredImage } from './store/image.ts';
import { blobFile, type Store } from './store/layout.ts';
import { layerSize } from './store/oci/layer-files.ts';
import type { OciParts } from './store/record.ts';

/** All that the store knows of an image, as plain data for people and programs. */
export function inspectImage(store: Store, image: StoredImage): object {
  const { id, manifest, record, lastUsed } = image;
  const { oci, dependencies } = record;
  return {
    id,
    kind: oci === undefined ? 'appc' : 'oci',
    name: record.name,
    labels: record.labels,
    source: record.source,
    importTime: record.importTime,
    lastUsed: new Date(lastUsed).toISOString(),
    size: record.size,
    ...trustOf(image),
    ...(oci === undefined
      ? { blob: record.blob, compression: record.compression }
      : ociFacts(store, image, oci)),
    ...(dependencies === undefined ? {} : { dependencies }),
    manifest,
  };
}

/** Why it was let in, and by whose signatures. */
function trustOf({ id, record }: StoredImage): object {
  const decision = decisionIn(record.verification, id);
  const signatures = decision?.signatures.map(({ evidence, outcome, reason, key, created }) => ({
    type: evidence.type,
    outcome,
    reason,
    key: key?.fingerprint,
    created: created?.toISOString(),
    firstSeen: evidence.firstSeen.toISOString(),
  }));
  return {
    trust: record.verification.status,
    reason: decision?.reason,
    signatures: signatures ?? [],
  };
}

const MAX_CONFIG = { maxBytes: 8 << 20 };

function ociFacts(store: Store, { record }: StoredImage, oci: OciParts): object {
  const { manifest, layers, config } = ociDocuments(store, record.blob, oci);
  return {
    references: oci.references,
    mediaType: oci.mediaType,
    digest: record.blob,
    indexes: oci.indexes,
    annotations: manifest.annotations,
    layers,
    config,
  };
}

function ociDocuments(store: Store, blob: StoredImage['record']['blob'], oci: OciParts) {
  const manifest = parseOciManifest(readFileSync(blobFile(store, blob)), oci.mediaType);
  const layers = oci.layers.map(({ digest, mediaType, diffId, layer }, index) => ({
    digest,
    mediaType,
    size: manifest.layers[index]?.size,
    diffId,
    layer,
    unpackedSize: layerSize(store, layer),
  }));
  const config = parseJson(readFileSync(blobFile(store, oci.config)), {
    what: 'image configuration',
    ...MAX_CONFIG,
  });
  return { manifest, layers, config };
}
