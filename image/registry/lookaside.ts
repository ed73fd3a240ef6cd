import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasCode } from '../../linux/system-error.ts';
import { type Digest, digestAlgorithm, digestHex } from '../../schema/digest.ts';
import { readBody } from '../http/body.ts';
import { HttpStatusError } from '../http/download.ts';
import type { Http } from '../http.ts';

/** The most signatures taken of one image, and the most bytes of each. */
export const MAX_SIGNATURES = 32;
const MAX_SIGNATURE = 1 << 20;

/**
 * Fetches an image's "simple signing" signatures from a server beside the registry (containers' `registries.d`):
 * `BASE/library/busybox@sha256=HEX/signature-1`, `-2` … until one is missing. `base` is https, http or file.
 */
export async function fetchLookaside(
  http: Http,
  base: URL,
  repository: string,
  digest: Digest,
): Promise<readonly Buffer[]> {
  const signatures: Buffer[] = [];
  while (signatures.length < MAX_SIGNATURES) {
    const signature = await fetchSignature(
      http,
      signatureUrl(base, repository, digest, signatures.length + 1),
    );
    if (signature === undefined) break;
    signatures.push(signature);
  }
  return signatures;
}

/** The registry's host is no part of the path, and the digest's colon is an equals sign. */
export function signatureUrl(base: URL, repository: string, digest: Digest, index: number): URL {
  const directory = `${repository}@${digestAlgorithm(digest)}=${digestHex(digest)}`;
  return new URL(`${base.href.replace(/\/*$/, '/')}${directory}/signature-${index}`);
}

async function fetchSignature(http: Http, url: URL): Promise<Buffer | undefined> {
  if (url.protocol === 'file:') return readIfThere(fileURLToPath(url));
  const response = await http.request({ url, maxBytes: MAX_SIGNATURE });
  if (response.status === 200) return readBody(response.body);
  await response.discard();
  if (response.status === 404) return undefined;
  throw new HttpStatusError(url, response.status);
}

/** A signature in a file; undefined where there is none. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path).subarray(0, MAX_SIGNATURE);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
