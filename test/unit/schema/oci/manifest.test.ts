import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isContainerImage, parseImageIndex, parseOciManifest } from '../../../../schema/oci/manifest.ts';
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../../../schema/oci/media-type.ts';
import { refuses } from '../check-decoder.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const config = { mediaType: OCI_CONFIG, digest, size: 7023 };
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 32654 };
const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] };
const entry = {
  mediaType: OCI_MANIFEST,
  digest,
  size: 7143,
  platform: { architecture: 'ppc64le', os: 'linux' },
};
const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] };

const readManifest = (document: unknown): unknown => parseOciManifest(JSON.stringify(document), OCI_MANIFEST);
const readIndex = (document: unknown): unknown => parseImageIndex(JSON.stringify(document), OCI_INDEX);

test('parseOciManifest() and parseImageIndex() take the documents of both specifications', () => {
  assert.deepEqual(readManifest(manifest), manifest);
  assert.deepEqual(readIndex(index), index);
  const { mediaType: _type, ...unnamed } = manifest;
  assert.deepEqual(readManifest(unnamed), unnamed);
  const docker = { ...manifest, mediaType: DOCKER_MANIFEST };
  assert.deepEqual(parseOciManifest(JSON.stringify(docker), DOCKER_MANIFEST), docker);
  const list = { ...index, mediaType: DOCKER_MANIFEST_LIST };
  assert.deepEqual(parseImageIndex(JSON.stringify(list), DOCKER_MANIFEST_LIST), list);
});

test('parseOciManifest() keeps what artifacts have', () => {
  const artifact = {
    ...manifest,
    artifactType: 'application/vnd.example+type',
    subject: entry,
    annotations: { 'com.example.key': 'value' },
    layers: [{ ...layer, data: 'e30=', urls: ['https://example.com'], annotations: { a: 'b' } }],
  };
  assert.deepEqual(readManifest(artifact), artifact);
});

test('CVE-2021-41190: a document with the fields of both an index and a manifest is neither', () => {
  refuses(readManifest, [
    [
      { ...manifest, manifests: [] },
      'image manifest: manifests: this is a field of an index, the document is none',
    ],
  ]);
  refuses(readIndex, [
    [
      { ...index, layers: [] },
      'image index: layers: this is a field of an image manifest, the document is none',
    ],
    [{ ...index, config }, 'image index: config: this is a field of an image manifest, the document is none'],
  ]);
});

test('CVE-2021-41190: mediaType in the body is the announced one', () => {
  const both = `mediaType: expected "${OCI_MANIFEST}", as announced, got`;
  refuses(readManifest, [
    [{ ...manifest, mediaType: DOCKER_MANIFEST }, `image manifest: ${both} "${DOCKER_MANIFEST}"`],
    [{ ...manifest, mediaType: OCI_INDEX }, `image manifest: ${both} "${OCI_INDEX}"`],
  ]);
  refuses(
    (value) => parseOciManifest(String(value), OCI_INDEX),
    [['{}', `image manifest: media type "${OCI_INDEX}" is of no image manifest`]],
  );
  const { mediaType: _type, ...unnamed } = manifest;
  refuses(
    (value) => parseOciManifest(JSON.stringify(value), DOCKER_MANIFEST),
    [[unnamed, `image manifest: mediaType: expected "${DOCKER_MANIFEST}", as announced, got ""`]],
  );
});

test('parseOciManifest() refuses schema 1 and wrong descriptors', () => {
  const wanted = 'expected a digest (sha256: and 64, or sha512: and 128 lower-case hex digits)';
  refuses(readManifest, [
    [{ ...manifest, schemaVersion: 1 }, 'image manifest: schemaVersion: expected 2, got 1'],
    [
      { ...manifest, fsLayers: [] },
      'image manifest: fsLayers: this is a field of a manifest of schema 1, the document is none',
    ],
    [{ ...manifest, config: undefined }, 'image manifest: config: missing'],
    [
      { ...manifest, layers: [{ ...layer, size: -1 }] },
      'image manifest: layers[0].size: expected an integer ≥ 0, got -1',
    ],
    [
      { ...manifest, layers: [{ ...layer, digest: 'blake3:00' }] },
      `image manifest: layers[0].digest: ${wanted}, got "blake3:00"`,
    ],
  ]);
  refuses(
    (value) => parseOciManifest(String(value), OCI_MANIFEST),
    [
      [
        `{"schemaVersion":2,"schemaVersion":2}`,
        'image manifest: not JSON at line 1, column 35: key "schemaVersion" is given twice',
      ],
      [' '.repeat(4 * 1024 * 1024 + 1), 'image manifest: larger than 4194304 bytes'],
    ],
  );
});

test('isContainerImage() refuses artifacts', () => {
  const read = (document: object) => parseOciManifest(JSON.stringify(document), OCI_MANIFEST);
  assert.equal(isContainerImage(read(manifest)), true);
  assert.equal(isContainerImage(read({ ...manifest, artifactType: 'a/b' })), false);
  assert.equal(
    isContainerImage(
      read({ ...manifest, config: { ...config, mediaType: 'application/vnd.oci.empty.v1+json' } }),
    ),
    false,
  );
});
