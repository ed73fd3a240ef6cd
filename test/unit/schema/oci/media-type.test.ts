import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DOCKER_CONFIG,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  documentKind,
  layerCompression,
  mediaType,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../../../schema/oci/media-type.ts';
import { keeps, refusesAll } from '../check-decoder.ts';

test('mediaType takes RFC 6838 names, without parameters', () => {
  keeps(mediaType, [OCI_MANIFEST, 'application/octet-stream']);
  refusesAll(mediaType, ['', 'application', 'application/', 'a/b; charset=utf-8', 'a/b\n', 'a/b/c', ' a/b']);
});

test('documentKind() tells images from artifacts', () => {
  assert.deepEqual([OCI_INDEX, DOCKER_MANIFEST_LIST].map(documentKind), ['index', 'index']);
  assert.deepEqual([OCI_MANIFEST, DOCKER_MANIFEST].map(documentKind), ['manifest', 'manifest']);
  assert.deepEqual([OCI_CONFIG, DOCKER_CONFIG].map(documentKind), ['config', 'config']);
  assert.equal(documentKind('application/vnd.oci.empty.v1+json'), 'artifact');
  assert.equal(documentKind('application/vnd.docker.distribution.manifest.v1+prettyjws'), 'artifact');
});

test('layerCompression() knows the layers of OCI and Docker', () => {
  const types: [string, string | undefined][] = [
    ['application/vnd.oci.image.layer.v1.tar', 'none'],
    ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
    ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
    ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
    ['application/vnd.dev.cosign.simplesigning.v1+json', undefined],
    ['toString', undefined],
  ];
  for (const [type, compression] of types) assert.equal(layerCompression(type), compression);
});
