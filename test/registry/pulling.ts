import assert from 'node:assert/strict';
import { type HttpOptions, openHttp } from '../../image/http.ts';
import { readVerified } from '../../image/oci/verified-bytes.ts';
import { parseDockerReference } from '../../image/reference/docker.ts';
import type { FindCredentials } from '../../image/registry/auth/find-credentials.ts';
import type { RegistryConfig } from '../../image/registry/mirrors.ts';
import { registrySource } from '../../image/registry/registry-source.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { makeCertificate } from './certificate.ts';
import { type RegistryOptions, startRegistry, type TestRegistry } from './registry.ts';
import { sampleImage } from './sample-image.ts';

/** What tests that pull have in common: a certificate, an image of two layers, and a client that knows the certificate. */
export const certificate = makeCertificate();
process.once('exit', () => certificate[Symbol.dispose]()); // several test files may share one process

export const amd64 = { os: 'linux', architecture: 'amd64' };
export const image = sampleImage([
  [{ name: 'a', content: 'a'.repeat(50_000) }],
  [{ name: 'b', content: 'b' }],
]);
export const [layer] = image.layers as [(typeof image.layers)[0]];
export const layerBytes = image.blobs.get(layer) as Buffer;
export const layerDescriptor: Descriptor = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: layer,
  size: layerBytes.length,
};

export interface Client {
  readonly find?: FindCredentials;
  readonly configs?: readonly RegistryConfig[];
  readonly http?: Partial<HttpOptions>;
}

export function source(registry: TestRegistry, reference = 'app:v1', client: Client = {}) {
  const env = { SSL_CERT_FILE: certificate.certFile };
  const http = openHttp({ userAgent: 'tsrkt/test', env, retries: 1, ...client.http });
  const findCredentials = client.find ?? (async () => undefined);
  return registrySource(
    { http, findCredentials },
    parseDockerReference(`${registry.host}/${reference}`),
    client.configs ?? [],
  );
}

export const resolve = (registry: TestRegistry, reference?: string, client?: Client) =>
  source(registry, reference, client).resolve(amd64);
export const readLayer = async (registry: TestRegistry, client?: Client) =>
  readVerified(
    (await source(registry, undefined, client).openBlob(layerDescriptor)).bytes,
    layerDescriptor,
    1 << 20,
  );

export async function start(options?: RegistryOptions): Promise<TestRegistry> {
  const registry = await startRegistry(certificate, options);
  registry.add('app', 'v1', image);
  return registry;
}

export const rejectsWith = (promise: Promise<unknown>, code: string) =>
  assert.rejects(promise, (error: Error & { code?: string }) => {
    assert.equal(error.code, code, error.message);
    return true;
  });
