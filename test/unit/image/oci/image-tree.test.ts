import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ImageTree, treeBudget, walkImage } from '../../../../image/oci/image-tree.ts';
import type { ImageDocument } from '../../../../image/oci/source.ts';
import type { Descriptor } from '../../../../schema/oci/descriptor.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../../../schema/oci/media-type.ts';
import { describe, document, sampleImage, sampleIndex } from '../../../registry/sample-image.ts';

const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const blob = (text: string, mediaType = LAYER) => describe({ ...document(mediaType, { text }), mediaType });
const manifest = (...layers: object[]) =>
  document(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: blob('config', OCI_CONFIG),
    layers,
  });
const index = (...manifests: object[]) =>
  document(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests });

/** Walks from the last of these documents, which lie where their digests say. */
function walk(...documents: ImageDocument[]): Promise<ImageTree> {
  const fetch = async ({ digest, mediaType }: Descriptor) => {
    const found = documents.find((each) => each.digest === digest);
    if (found === undefined) throw new Error(`asked for ${digest}`);
    return { ...found, mediaType };
  };
  return walkImage(documents.at(-1)!, fetch);
}

const refuses = (message: RegExp, ...documents: ImageDocument[]) =>
  assert.rejects(walk(...documents), (error: Error & { code?: string }) => {
    assert.match(error.message, message);
    assert.ok(error.code !== undefined);
    return true;
  });

test('walkImage() gives each thing once, and each document after those it names', async () => {
  const [one, two] = [sampleImage(), sampleImage([[{ name: 'b' }]])];
  const inner = sampleIndex({ 'linux/arm64': two });
  const outer = index(describe(one), describe(inner), describe(two), describe(one));
  const { documents, blobs } = await walk(one, two, inner, outer);
  const digests = documents.map(({ digest }) => digest);
  assert.deepEqual(
    digests,
    [one, two, inner, outer].map(({ digest }) => digest),
  );
  assert.deepEqual(
    new Set(blobs.map(({ digest }) => digest)),
    new Set([...one.blobs.keys(), ...two.blobs.keys()]),
  );
});

test('walkImage() leaves out the layers that are not to be distributed and are to be had elsewhere', async () => {
  const nondistributable = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip';
  const urls = ['https://example.com/layer'];
  const left = { ...blob('foreign', nondistributable), urls };
  const { blobs, foreign } = await walk(
    manifest(left, blob('no URL', nondistributable), { ...blob('usual'), urls }),
  );
  assert.deepEqual(
    foreign.map(({ digest }) => digest),
    [left.digest],
  );
  assert.equal(blobs.length, 3);
});

test('walkImage() refuses an index that names what is neither manifest nor index', () =>
  refuses(/neither a manifest nor an index/, index(blob('a', OCI_CONFIG))));

test('walkImage() refuses one digest with two sizes, or two media types', async () => {
  const image = sampleImage();
  const { size } = describe(image);
  await refuses(/expected \d+ bytes/, image, index(describe(image), { ...describe(image), size: size + 1 }));
  await refuses(/expected \d+ bytes/, image, index({ ...describe(image), size: size + 1 }));
  const docker = 'application/vnd.docker.distribution.manifest.v2+json';
  await refuses(/two media types/, image, index(describe(image), { ...describe(image), mediaType: docker }));
  await refuses(/expected \d+ bytes/, manifest(blob('a'), { ...blob('a'), size: 1 }));
});

test('walkImage() refuses indexes that lie too deep, and takes four', async () => {
  const chain: ImageDocument[] = [manifest()];
  for (let depth = 0; depth < 4; depth++) chain.push(index(describe(chain.at(-1)!)));
  assert.equal((await walk(...chain)).documents.length, 5);
  await refuses(/more than 4 indexes inside each other/, ...chain, index(describe(chain.at(-1)!)));
});

test('walkImage() ends at an index that says it holds itself: no digest can', async () => {
  const claimed = `sha256:${'0'.repeat(64)}` as const;
  const itself = { ...index({ mediaType: OCI_INDEX, digest: claimed, size: 200 }), digest: claimed as never };
  await refuses(/expected \d+ bytes/, itself);
});

test('walkImage() refuses more documents, bytes of them, or blobs than one copy may have', async () => {
  const { documents, bytes, blobs } = treeBudget();
  const many = Array.from({ length: documents }, (_, each) => manifest(blob(String(each))));
  await refuses(/too many manifests/, ...many, index(...many.map(describe)));
  const large = { mediaType: OCI_MANIFEST, digest: blob('large').digest, size: bytes };
  await refuses(/too large/, index(large));
  const layers = Array.from({ length: blobs }, (_, each) => blob(String(each)));
  await refuses(/too many blobs/, manifest(...layers));
});

test('walkImage() refuses a root that is no image', () =>
  refuses(/neither a manifest/, document(OCI_CONFIG, {})));
