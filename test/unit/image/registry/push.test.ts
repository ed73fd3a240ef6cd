import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openHttp } from '../../../../image/http.ts';
import { cosignTag } from '../../../../image/oci/companion.ts';
import { copyImage } from '../../../../image/oci/copy-image.ts';
import { parseDockerReference } from '../../../../image/reference/docker.ts';
import { fetchLookaside } from '../../../../image/registry/lookaside.ts';
import { listReferrers } from '../../../../image/registry/referrers.ts';
import { registryDestination } from '../../../../image/registry/registry-destination.ts';
import { registrySource } from '../../../../image/registry/registry-source.ts';
import { openRepository, type RegistryClient } from '../../../../image/registry/repository.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../../schema/oci/media-type.ts';
import { makeCertificate } from '../../../registry/certificate.ts';
import { answer, redirect, status } from '../../../registry/faults.ts';
import { startRegistry, type TestRegistry } from '../../../registry/registry.ts';
import { describe, document, sampleImage } from '../../../registry/sample-image.ts';
import { startServer } from '../../../registry/server.ts';

const certificate = makeCertificate();
after(() => certificate[Symbol.dispose]());

const client: RegistryClient = {
  http: openHttp({ userAgent: 'tsrkt/test', env: { SSL_CERT_FILE: certificate.certFile }, retries: 1 }),
  findCredentials: async () => ({ user: 'me', password: 'secret' }),
};
const image = sampleImage([[{ name: 'a', content: 'a'.repeat(300_000) }], [{ name: 'b' }], [{ name: 'b' }]]);
const repository = (registry: TestRegistry, access: 'pull' | 'push' = 'pull') =>
  openRepository(client, { registry: registry.host, repository: 'app' }, access);

async function copy(from: TestRegistry, to: TestRegistry): Promise<void> {
  const source = registrySource(client, parseDockerReference(`${from.host}/app:v1`), []);
  const resolved = await source.resolve({ os: 'linux', architecture: 'amd64' });
  await copyImage(source, resolved, registryDestination(await repository(to, 'push'), 'copy'));
}

async function withImage(): Promise<TestRegistry> {
  const registry = await startRegistry(certificate);
  registry.add('app', 'v1', image);
  return registry;
}

test('copyImage() sends the blobs, each once, and the manifest last', async () => {
  await using from = await withImage();
  await using to = await startRegistry(certificate, {
    auth: { scheme: 'bearer', user: 'me', password: 'secret' },
  });
  await copy(from, to);
  assert.deepEqual(to.manifests.get('app copy')?.bytes, image.bytes);
  assert.deepEqual([...to.blobs.keys()].sort(), [...image.blobs.keys()].sort());
  const puts = to.seen.filter(({ method }) => method === 'PUT').map(({ url }) => url);
  assert.equal(puts.length, image.blobs.size + 2);
  assert.deepEqual(puts.slice(-2), [`/v2/app/manifests/${image.digest}`, '/v2/app/manifests/copy']);
});

test('copyImage() sends nothing that is there already', async () => {
  await using from = await withImage();
  await using to = await startRegistry(certificate);
  await copy(from, to);
  const before = to.seen.length;
  await copy(from, to);
  assert.deepEqual(
    to.seen
      .slice(before)
      .map(({ method }) => method)
      .sort(),
    ['HEAD', 'HEAD', 'HEAD', 'PUT', 'PUT'],
  );
});

test('copyImage() sends a blob again that the registry has in another size', async () => {
  await using from = await withImage();
  await using to = await startRegistry(certificate);
  const [layer] = image.layers as [(typeof image.layers)[0]];
  to.blobs.set(layer, Buffer.alloc(3));
  await copy(from, to);
  assert.deepEqual(to.blobs.get(layer), image.blobs.get(layer));
});

test('copyImage() takes no other digest from a registry than the one it sent', async () => {
  await using from = await withImage();
  await using to = await startRegistry(certificate);
  to.misbehave(/PUT .*manifests/, status(201, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }));
  await assert.rejects(copy(from, to), { code: 'ERR_REGISTRY_ANSWER' });
});

test('copyImage() passes no blob on whose bytes are not its digest’s, and then no manifest', async () => {
  await using from = await withImage();
  await using to = await startRegistry(certificate);
  from.misbehave(/blobs/, answer(Buffer.alloc(image.blobs.get(image.layers[0]!)!.length)));
  await assert.rejects(copy(from, to));
  assert.equal(to.manifests.size, 0);
});

test('copyImage() reports what a registry says when it refuses', async () => {
  await using from = await withImage();
  await using to = await startRegistry(certificate);
  to.misbehave(/POST/, (_, response) => {
    response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: 'quota \u001b[2J' }] }));
  });
  await assert.rejects(copy(from, to), /DENIED "quota \\u001b\[2J"$/);
});

test('copyImage() sends a blob nowhere else when the registry redirects the upload', async () => {
  await using elsewhere = await startServer((_, response) => response.writeHead(201).end(), certificate);
  await using from = await withImage();
  await using to = await startRegistry(certificate);
  to.misbehave(/PUT/, redirect(elsewhere.origin));
  await assert.rejects(copy(from, to), { code: 'ERR_HTTP_REDIRECT' });
  assert.equal(elsewhere.seen.length, 0);
});

/** Copies the image within one registry, and gives the methods of the requests that sent blobs. */
async function copyWithin(registry: TestRegistry, from = registry): Promise<readonly string[]> {
  registry.add('app', 'v1', image);
  const source = registrySource(client, parseDockerReference(`${from.host}/app:v1`), []);
  const resolved = await source.resolve({ os: 'linux', architecture: 'amd64' });
  const to = await openRepository(client, { registry: registry.host, repository: 'team/other' }, 'push');
  await copyImage(source, resolved, registryDestination(to, 'copy', source.repository));
  const sent = registry.seen.filter(({ method, url }) => url.includes('/uploads/') && method !== 'HEAD');
  return sent.map(({ method, url }) => `${method}${url.includes('mount=') ? ' mount' : ''}`);
}

test('copyImage() has the registry take blobs from the repository that they come from', async () => {
  await using registry = await startRegistry(certificate, { mount: true });
  assert.deepEqual(await copyWithin(registry), Array(image.blobs.size).fill('POST mount'));
  assert.ok(registry.seen.some(({ url }) => url.endsWith('&from=app')));
  assert.ok(registry.seen.every(({ method, url }) => method === 'HEAD' || !/\/app\/blobs/.test(url)));
});

test('copyImage() sends the blobs where the registry mounts none, goes on with the place it gives, or begins anew', async () => {
  await using registry = await startRegistry(certificate, { mount: false });
  const sent = [...(await copyWithin(registry))].sort();
  const each = (what: string) => Array(image.blobs.size).fill(what);
  assert.deepEqual(sent, [...each('POST mount'), ...each('PUT')]);
  await using strict = await startRegistry(certificate, { mount: true });
  strict.misbehave(/POST .*mount=/, status(403));
  assert.deepEqual([...(await copyWithin(strict))].sort(), [
    ...each('POST'),
    ...each('POST mount'),
    ...each('PUT'),
  ]);
});

test('copyImage() believes no registry that says it mounted a blob, and has it not, or in another size', async () => {
  await using registry = await startRegistry(certificate, { mount: true });
  registry.misbehave(/POST .*mount=/, status(201));
  const sent = await copyWithin(registry);
  assert.equal(sent.filter((each) => each === 'PUT').length, image.blobs.size);
});

test('copyImage() asks no registry to mount what comes from another', async () => {
  await using from = await startRegistry(certificate, { mount: true });
  from.add('app', 'v1', image);
  await using registry = await startRegistry(certificate, { mount: true });
  assert.ok(!(await copyWithin(registry, from)).includes('POST mount'));
});

const signature = document(OCI_MANIFEST, {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config: describe(document('application/vnd.oci.empty.v1+json', {})),
  layers: [],
  subject: describe(image),
});

test('listReferrers() uses the referrers API', async () => {
  await using registry = await startRegistry(certificate, { referrers: true });
  registry.addDocument('app', 'signature', signature);
  assert.deepEqual(
    (await listReferrers(await repository(registry), image.digest)).map(({ digest }) => digest),
    [signature.digest],
  );
});

test('listReferrers() falls back to the tag where there is no API, or a web page in its place', async () => {
  await using registry = await startRegistry(certificate);
  const index = document(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [describe(signature)],
  });
  const from = await repository(registry);
  assert.deepEqual(await listReferrers(from, image.digest), []);
  registry.addDocument('app', image.digest.replace(':', '-'), index);
  assert.equal((await listReferrers(from, image.digest)).length, 1);
  registry.misbehave(/referrers/, answer('<html>', { 'content-type': 'text/html' }));
  assert.equal((await listReferrers(from, image.digest)).length, 1);
});

test('listReferrers() follows pages of its registry, ten of them, and not to another', async () => {
  await using registry = await startRegistry(certificate);
  const page = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [describe(signature)] });
  const link = `</v2/app/referrers/${image.digest}?page=2>; rel="next"`;
  registry.misbehave(/referrers/, answer(page, { 'content-type': OCI_INDEX, link }));
  const from = await repository(registry);
  assert.equal((await listReferrers(from, image.digest)).length, 10);
  await using other = await startRegistry(certificate);
  other.misbehave(
    /referrers/,
    answer(page, { 'content-type': OCI_INDEX, link: `<${registry.origin}/v2/x>; rel="next"` }),
  );
  const before = registry.seen.length;
  assert.equal((await listReferrers(await repository(other), image.digest)).length, 1);
  assert.equal(registry.seen.length, before);
});

test('listReferrers() does not take a failure for "none"', async () => {
  await using registry = await startRegistry(certificate);
  registry.misbehave(/referrers/, status(500));
  await assert.rejects(listReferrers(await repository(registry), image.digest), { code: 'ERR_REGISTRY' });
});

test('cosignTag() is the tag cosign uses', () => {
  assert.equal(cosignTag(image.digest), `sha256-${image.digest.slice(7)}.sig`);
});

test('fetchLookaside() fetches signatures until one is missing, 32 at most', async () => {
  let count = 2;
  await using server = await startServer((request, response) => {
    const index = Number(/signature-(\d+)$/.exec(request.url ?? '')?.[1]);
    response.writeHead(index <= count ? 200 : 404).end(`signature ${index}`);
  }, certificate);
  const fetch = () =>
    fetchLookaside(client.http, new URL(`${server.origin}/sigstore`), 'library/app', image.digest);
  assert.deepEqual((await fetch()).map(String), ['signature 1', 'signature 2']);
  assert.equal(server.seen[0]?.url, `/sigstore/library/app@sha256=${image.digest.slice(7)}/signature-1`);
  count = 1000;
  assert.equal((await fetch()).length, 32);
});

test('fetchLookaside() does not take a failure for "no signature"', async () => {
  await using server = await startServer((_, response) => response.writeHead(403).end(), certificate);
  await assert.rejects(fetchLookaside(client.http, new URL(server.origin), 'app', image.digest), {
    code: 'ERR_HTTP_STATUS',
  });
});
