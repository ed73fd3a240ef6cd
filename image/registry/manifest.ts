import { createHash } from 'node:crypto';
import { DecodeError, show } from '../../schema/decode-error.ts';
import { type Digest, digest, digestAlgorithm, makeDigest } from '../../schema/digest.ts';
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  documentKind,
  type MediaType,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../schema/oci/media-type.ts';
import { readBody } from '../http/body.ts';
import { printableUrl } from '../http/url.ts';
import type { HttpResponse } from '../http.ts';
import type { ImageDocument } from '../oci/source.ts';
import { DigestMismatchError } from '../oci/verified-bytes.ts';
import { registryError } from './registry-error.ts';
import type { Repository } from './repository.ts';

/** What registries allow a manifest to be, in bytes. */
const MAX_MANIFEST = 4 << 20;

const ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_MANIFEST_LIST, DOCKER_MANIFEST].join(', ');

/** A registry's answer that is not what a registry may say. */
export class RegistryAnswerError extends Error {
  readonly code = 'ERR_REGISTRY_ANSWER';
  constructor(url: URL, why: string) {
    super(`read manifest from ${printableUrl(url)}: ${why}`);
    this.name = 'RegistryAnswerError';
  }
}

/**
 * Fetches a manifest or index by tag or digest; undefined where there is none. Its digest is made from the bytes that came;
 * it has to be the one asked for, or the one the registry says these bytes have.
 */
export async function fetchManifest(
  repository: Repository,
  reference: string | Digest,
): Promise<ImageDocument | undefined> {
  const url = new URL(`manifests/${reference}`, repository.base);
  const response = await repository.http.request({
    url,
    headers: { accept: ACCEPT },
    maxBytes: MAX_MANIFEST,
  });
  if (response.status === 404) {
    await response.discard();
    return undefined;
  }
  if (response.status !== 200) throw await registryError('fetch', response);
  const mediaType = contentType(response);
  const bytes = await readBody(response.body);
  return { bytes, mediaType, digest: checkDigest(bytes, response, reference) };
}

function contentType({ headers, url }: HttpResponse): MediaType {
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  if (/^application\/vnd\.docker\.distribution\.manifest\.v1\+/.test(type))
    throw new RegistryAnswerError(url, 'an image of schema 1, which has no digests to verify it by');
  const kind = documentKind(type);
  if (kind !== 'index' && kind !== 'manifest')
    throw new RegistryAnswerError(url, `content type ${show(type)} is of no image`);
  return type;
}

function checkDigest(bytes: Buffer, { headers, url }: HttpResponse, reference: string | Digest): Digest {
  const wanted = reference.includes(':')
    ? digest(reference)
    : announcedDigest(headers.get('docker-content-digest'), url);
  const algorithm = wanted === undefined ? 'sha256' : digestAlgorithm(wanted);
  const actual = makeDigest(algorithm, createHash(algorithm).update(bytes).digest('hex'));
  if (wanted !== undefined && actual !== wanted)
    throw new DigestMismatchError(printableUrl(url), wanted, actual);
  return actual;
}

function announcedDigest(header: string | null, url: URL): Digest | undefined {
  if (header === null) return undefined;
  try {
    return digest(header);
  } catch (error) {
    if (error instanceof DecodeError)
      throw new RegistryAnswerError(url, `Docker-Content-Digest: ${error.message}`);
    throw error;
  }
}
