import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVerified } from '../../../../image/oci/verified-bytes.ts';
import type { FindCredentials } from '../../../../image/registry/auth/find-credentials.ts';
import type { RegistryConfig } from '../../../../image/registry/mirrors.ts';
import { redirect, status } from '../../../registry/faults.ts';
import {
  amd64,
  certificate,
  image,
  layer,
  layerBytes,
  layerDescriptor,
  readLayer,
  rejectsWith,
  resolve,
  source,
  start,
} from '../../../registry/pulling.ts';
import { startRegistry, type TestRegistry } from '../../../registry/registry.ts';
import { startServer } from '../../../registry/server.ts';

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
