import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readBody } from '../../../../image/http/body.ts';
import { type HttpOptions, openHttp } from '../../../../image/http.ts';
import { readVerified, verifiedBytes } from '../../../../image/oci/verified-bytes.ts';
import { parseDockerReference } from '../../../../image/reference/docker.ts';
import type { FindCredentials } from '../../../../image/registry/auth/find-credentials.ts';
import type { RegistryConfig } from '../../../../image/registry/mirrors.ts';
import { registrySource } from '../../../../image/registry/registry-source.ts';
import type { Descriptor } from '../../../../schema/oci/descriptor.ts';
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../../schema/oci/media-type.ts';
import { makeCertificate } from '../../../registry/certificate.ts';
import { answer, endless, hang, redirect, status, truncate } from '../../../registry/faults.ts';
import { type RegistryOptions, startRegistry, type TestRegistry } from '../../../registry/registry.ts';
import { describe, digestOf, document, sampleImage, sampleIndex } from '../../../registry/sample-image.ts';
import { startServer } from '../../../registry/server.ts';

const certificate = makeCertificate();
after(() => certificate[Symbol.dispose]());

const amd64 = { os: 'linux', architecture: 'amd64' };
const image = sampleImage([[{ name: 'a', content: 'a'.repeat(50_000) }], [{ name: 'b', content: 'b' }]]);
const [layer] = image.layers as [(typeof image.layers)[0]];
const layerBytes = image.blobs.get(layer) as Buffer;
const layerDescriptor: Descriptor = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: layer,
  size: layerBytes.length,
};

interface Client {
  readonly find?: FindCredentials;
  readonly configs?: readonly RegistryConfig[];
  readonly http?: Partial<HttpOptions>;
}

function source(registry: TestRegistry, reference = 'app:v1', client: Client = {}) {
  const env = { SSL_CERT_FILE: certificate.certFile };
  const http = openHttp({ userAgent: 'tsrkt/test', env, retries: 1, ...client.http });
  const findCredentials = client.find ?? (async () => undefined);
  return registrySource(
    { http, findCredentials },
    parseDockerReference(`${registry.host}/${reference}`),
    client.configs ?? [],
  );
}

const resolve = (registry: TestRegistry, reference?: string, client?: Client) =>
  source(registry, reference, client).resolve(amd64);
const readLayer = async (registry: TestRegistry, client?: Client) =>
  readVerified(
    (await source(registry, undefined, client).openBlob(layerDescriptor)).bytes,
    layerDescriptor,
    1 << 20,
  );

async function start(options?: RegistryOptions): Promise<TestRegistry> {
  const registry = await startRegistry(certificate, options);
  registry.add('app', 'v1', image);
  return registry;
}

const rejectsWith = (promise: Promise<unknown>, code: string) =>
  assert.rejects(promise, (error: Error & { code?: string }) => {
    assert.equal(error.code, code, error.message);
    return true;
  });

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

test('openBlob() goes on where the connection broke', async () => {
  await using registry = await start();
  registry.misbehave(/blobs/, truncate(layerBytes.length, layerBytes.subarray(0, 40)), 1);
  assert.deepEqual(await readLayer(registry), layerBytes);
  assert.equal(registry.seen.filter(({ url }) => url.includes('/blobs/'))[1]?.headers.range, 'bytes=40-');
});

test('openBlob() starts again, and skips, where a registry knows no ranges', async () => {
  await using registry = await start({ ranges: false });
  registry.misbehave(/blobs/, truncate(layerBytes.length, layerBytes.subarray(0, 40)), 1);
  assert.deepEqual(await readLayer(registry), layerBytes);
});

test('openBlob() goes on with a partial blob from an earlier run', async () => {
  await using registry = await start();
  const { start: from, bytes } = await source(registry).openBlob(layerDescriptor, 100);
  assert.equal(from, 100);
  assert.deepEqual(await readBody(bytes), layerBytes.subarray(100));
});

test('verifiedBytes() catches a blob of another digest, a shorter one and a longer one', async () => {
  await using registry = await start();
  const same = Buffer.alloc(layerBytes.length);
  registry.misbehave(/blobs/, answer(same), 1);
  await rejectsWith(readLayer(registry), 'ERR_DIGEST_MISMATCH');
  registry.misbehave(/blobs/, answer(layerBytes.subarray(1)), 1);
  await rejectsWith(readLayer(registry), 'ERR_SIZE_MISMATCH');
  registry.misbehave(/blobs/, answer(Buffer.concat([layerBytes, Buffer.from('x')])), 1);
  await assert.rejects(readLayer(registry), /larger|more than|got more/);
});

test('openBlob() takes no more than the descriptor’s size of a blob that has no end', async () => {
  await using registry = await start();
  registry.misbehave(/blobs/, endless());
  await rejectsWith(readLayer(registry), 'ERR_HTTP_TOO_LARGE');
});

test('verifiedBytes() throws before it passes on a byte too many', async () => {
  const given = (async function* () {
    yield Buffer.from('ab');
    yield Buffer.from('c');
  })();
  const seen: string[] = [];
  const read = async () => {
    for await (const chunk of verifiedBytes(given, { digest: digestOf(Buffer.from('ab')), size: 2 }))
      seen.push(chunk.toString());
  };
  await rejectsWith(read(), 'ERR_SIZE_MISMATCH');
  assert.deepEqual(seen, ['ab']);
});

const me: FindCredentials = async () => ({ user: 'me', password: 'secret' });
const auth = { user: 'me', password: 'secret' } as const;

test('a registry with tokens: the token is asked for once and used for everything', async () => {
  await using registry = await start({ auth: { scheme: 'bearer', ...auth } });
  const from = source(registry, undefined, { find: me });
  await from.resolve(amd64);
  await readVerified((await from.openBlob(layerDescriptor)).bytes, layerDescriptor, 1 << 20);
  const tokens = registry.seen.filter(({ url }) => url.startsWith('/token'));
  assert.equal(tokens.length, 1);
  assert.match(tokens[0]?.url ?? '', /^\/token\?service=test&scope=repository%3Aapp%3Apull&account=me$/);
});

test('a registry with tokens for everybody needs no credentials', async () => {
  await using registry = await start({ auth: { scheme: 'bearer', ...auth, anonymous: true } });
  await resolve(registry);
});

test('a registry with Basic authentication', async () => {
  await using registry = await start({ auth: { scheme: 'basic', ...auth } });
  await resolve(registry, undefined, { find: me });
  await rejectsWith(resolve(registry), 'ERR_REGISTRY_UNAUTHORIZED');
});

test('a registry that answers 401 for ever is asked twice and no more', async () => {
  await using registry = await start({ auth: { scheme: 'basic', ...auth, password: 'other' } });
  await rejectsWith(resolve(registry, undefined, { find: me }), 'ERR_REGISTRY_UNAUTHORIZED');
  assert.equal(registry.seen.length, 2);
});

test('a realm of another site gets no credentials of the registry', async () => {
  const names: string[] = [];
  await using elsewhere = await startServer((_, response) => response.writeHead(403).end(), certificate);
  const realm = `${elsewhere.origin.replace('localhost', '127.0.0.1')}/token`;
  await using registry = await start({ auth: { scheme: 'bearer', ...auth, realm } });
  const find: FindCredentials = async (name) => {
    names.push(name);
    return undefined;
  };
  await rejectsWith(resolve(registry, undefined, { find }), 'ERR_REGISTRY_TOKEN');
  assert.deepEqual(names, [elsewhere.host.replace('localhost', '127.0.0.1')]);
});

test('a realm on http is refused', async () => {
  await using plain = await startServer((_, response) => response.end());
  await using registry = await start({ auth: { scheme: 'bearer', ...auth, realm: plain.origin } });
  await rejectsWith(resolve(registry, undefined, { find: me }), 'ERR_REGISTRY_TOKEN');
  assert.equal(plain.seen.length, 0);
});

test('a redirect to another origin gets no token, and its challenge no answer (CVE-2020-15157)', async () => {
  await using elsewhere = await startServer((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end();
  }, certificate);
  await using registry = await start({ auth: { scheme: 'basic', ...auth } });
  registry.misbehave(/blobs/, redirect(`${elsewhere.origin}/blob`));
  const from = source(registry, undefined, { find: me });
  await from.resolve(amd64);
  await assert.rejects(from.openBlob(layerDescriptor), /bad HTTP status code: 401$/);
  assert.deepEqual(
    elsewhere.seen.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

test('a redirect of a blob to another origin is followed without credentials', async () => {
  await using storage = await startServer((_, response) => response.end(layerBytes), certificate);
  await using registry = await start({ auth: { scheme: 'basic', ...auth } });
  registry.misbehave(/blobs/, redirect(`${storage.origin}/x?signature=y`));
  assert.deepEqual(await readLayer(registry, { find: me }), layerBytes);
  assert.equal(storage.seen[0]?.headers.authorization, undefined);
});

test('foreign urls of a layer are never followed', async () => {
  await using elsewhere = await startServer((_, response) => response.end(layerBytes), certificate);
  await using registry = await start();
  registry.blobs.delete(layer);
  const foreign = { ...layerDescriptor, urls: [`${elsewhere.origin}/layer`] };
  await assert.rejects(source(registry).openBlob(foreign), /bad HTTP status code: 404$/);
  assert.equal(elsewhere.seen.length, 0);
});

const config = (registry: TestRegistry, more: Partial<RegistryConfig>): RegistryConfig => ({
  rktKind: 'registry',
  rktVersion: 'v1',
  prefix: `${registry.host}/app`,
  mirrors: [],
  blocked: false,
  ...more,
});

test('mirrors are tried in order, then the registry itself', async () => {
  await using registry = await start();
  await using empty = await startRegistry(certificate);
  await using mirror = await startRegistry(certificate);
  mirror.add('cache/app', 'v1', image);
  const mirrors = [`${empty.host}/app`, `${mirror.host}/cache/app`];
  const configs = [config(registry, { mirrors })];
  assert.equal((await resolve(registry, undefined, { configs })).manifestDigest, image.digest);
  assert.equal(registry.seen.length, 0);
  mirror.misbehave(/manifests/, status(403));
  assert.equal((await resolve(registry, undefined, { configs })).manifestDigest, image.digest);
  assert.equal(registry.seen.length, 1);
});

test('a blocked prefix is not fetched', async () => {
  await using registry = await start();
  await rejectsWith(
    resolve(registry, undefined, { configs: [config(registry, { blocked: true })] }),
    'ERR_REGISTRY_BLOCKED',
  );
  assert.equal(registry.seen.length, 0);
});

test('a registry on http is used only with leave', async () => {
  await using registry = await startRegistry();
  registry.add('app', 'v1', image);
  await assert.rejects(resolve(registry));
  assert.equal(
    (await resolve(registry, undefined, { http: { allowHttp: true } })).manifestDigest,
    image.digest,
  );
});
