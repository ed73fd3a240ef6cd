import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../../schema/oci/media-type.ts';
import { answer, endless, hang, status } from '../../../registry/faults.ts';
import {
  amd64,
  image,
  layerBytes,
  readLayer,
  rejectsWith,
  resolve,
  source,
  start,
} from '../../../registry/pulling.ts';
import { describe, document, sampleImage, sampleIndex } from '../../../registry/sample-image.ts';

test('resolve() finds an image by tag and by digest, and its layers verify', async () => {
  await using registry = await start();
  const byTag = await resolve(registry);
  assert.equal(byTag.manifestDigest, image.digest);
  assert.deepEqual(byTag.manifestBytes, image.bytes);
  assert.deepEqual(byTag.indexes, []);
  assert.equal((await resolve(registry, `app@${image.digest}`)).manifestDigest, image.digest);
  assert.deepEqual(await readLayer(registry), layerBytes);
});

test('resolve() chooses the platform in an index, and keeps the index: it may be what is signed', async () => {
  await using registry = await start();
  const other = sampleImage();
  registry.add('app', 'arm', other);
  const index = sampleIndex({ 'linux/arm64': other, 'linux/amd64': image });
  registry.addDocument('app', 'multi', index);
  const resolved = await resolve(registry, 'app:multi');
  assert.equal(resolved.manifestDigest, image.digest);
  assert.deepEqual(
    resolved.indexes.map(({ digest }) => digest),
    [index.digest],
  );
  await rejectsWith(
    source(registry, 'app:multi').resolve({ os: 'linux', architecture: 's390x' }),
    'ERR_NO_PLATFORM',
  );
});

test('resolve() looks a tag up once: a registry that swaps the image afterwards changes nothing', async () => {
  await using registry = await start();
  registry.addDocument('app', 'multi', sampleIndex({ 'linux/amd64': image }));
  const from = source(registry, 'app:multi');
  await from.resolve(amd64);
  registry.addDocument('app', 'multi', sampleIndex({ 'linux/amd64': sampleImage([[{ name: 'evil' }]]) }));
  assert.equal((await from.resolve(amd64)).manifestDigest, image.digest);
  assert.equal(registry.seen.filter(({ url }) => url.endsWith('/manifests/multi')).length, 1);
});

const evil = sampleImage([[{ name: 'evil' }]]);
const manifestType = { 'content-type': OCI_MANIFEST };

test('resolve() refuses other bytes than the digest asked for', async () => {
  await using registry = await start();
  registry.misbehave(/manifests/, answer(evil.bytes, manifestType));
  await rejectsWith(resolve(registry, `app@${image.digest}`), 'ERR_DIGEST_MISMATCH');
});

test('resolve() refuses bytes that do not have the digest announced for a tag', async () => {
  await using registry = await start();
  registry.misbehave(
    /manifests/,
    answer(evil.bytes, { ...manifestType, 'docker-content-digest': image.digest }),
  );
  await rejectsWith(resolve(registry), 'ERR_DIGEST_MISMATCH');
});

test('resolve() refuses an announced digest that is none (CVE-2024-3727)', async () => {
  await using registry = await start();
  registry.misbehave(
    /manifests/,
    answer(image.bytes, { ...manifestType, 'docker-content-digest': 'sha256:../../x' }),
  );
  await rejectsWith(resolve(registry), 'ERR_REGISTRY_ANSWER');
});

test('resolve() refuses a manifest that is also an index (CVE-2021-41190)', async () => {
  await using registry = await start();
  const both = { ...JSON.parse(image.bytes.toString()), manifests: [describe(image)] };
  registry.addDocument('app', 'both', document(OCI_MANIFEST, both));
  registry.addDocument('app', 'too', document(OCI_INDEX, { ...both, mediaType: OCI_INDEX }));
  await rejectsWith(resolve(registry, 'app:both'), 'ERR_DECODE');
  await rejectsWith(resolve(registry, 'app:too'), 'ERR_DECODE');
});

test('resolve() refuses content types that differ from the document, or that are of no image', async () => {
  await using registry = await start();
  for (const type of [OCI_INDEX, DOCKER_MANIFEST]) {
    registry.misbehave(/manifests/, answer(image.bytes, { 'content-type': type }), 1);
    await rejectsWith(resolve(registry), 'ERR_DECODE');
  }
  for (const type of [
    'text/html',
    'application/json',
    '',
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
  ]) {
    registry.misbehave(/manifests/, answer(image.bytes, { 'content-type': type }), 1);
    await rejectsWith(resolve(registry), 'ERR_REGISTRY_ANSWER');
  }
});

test('resolve() does not take an artifact for an image', async () => {
  await using registry = await start();
  const artifact = {
    ...JSON.parse(image.bytes.toString()),
    artifactType: 'application/vnd.example.signature',
  };
  registry.addDocument('app', 'artifact', document(OCI_MANIFEST, artifact));
  await rejectsWith(resolve(registry, 'app:artifact'), 'ERR_NOT_AN_IMAGE');
});

test('resolve() goes no deeper than four indexes', async () => {
  await using registry = await start();
  let index = sampleIndex({ 'linux/amd64': image });
  for (let depth = 0; depth < 5; depth++) {
    registry.addDocument('app', 'deep', index);
    index = sampleIndex({ 'linux/amd64': index });
  }
  registry.addDocument('app', 'deep', index);
  await rejectsWith(resolve(registry, 'app:deep'), 'ERR_NOT_AN_IMAGE');
});

test('resolve() stops reading a manifest that has no end', async () => {
  await using registry = await start();
  registry.misbehave(/manifests/, endless(manifestType));
  await rejectsWith(resolve(registry), 'ERR_HTTP_TOO_LARGE');
});

test('resolve() does not undo a compression nobody asked for (gzip bomb)', async () => {
  await using registry = await start();
  const bomb = gzipSync(Buffer.alloc(64 << 20, ' '));
  registry.misbehave(/manifests/, answer(bomb, { ...manifestType, 'content-encoding': 'gzip' }));
  await rejectsWith(resolve(registry), 'ERR_DECODE');
});

test('resolve() says what is missing when there is no such image', async () => {
  await using registry = await start();
  await rejectsWith(resolve(registry, 'app:none'), 'ERR_IMAGE_NOT_FOUND');
});

test('resolve() repeats after 503 and 429, and reports what stays', async () => {
  await using registry = await start();
  registry.misbehave(/manifests/, status(503), 1);
  await resolve(registry);
  registry.misbehave(/manifests/, status(429, { 'retry-after': '0' }), 1);
  await resolve(registry);
  registry.misbehave(/manifests/, status(429, { 'retry-after': '0' }));
  await rejectsWith(resolve(registry), 'ERR_REGISTRY_LIMIT');
});

test('resolve() gives up on a registry that does not answer', async () => {
  await using registry = await start();
  registry.misbehave(/manifests/, hang);
  await rejectsWith(resolve(registry, undefined, { http: { answerMs: 150 } }), 'ERR_HTTP_TIMEOUT');
});
