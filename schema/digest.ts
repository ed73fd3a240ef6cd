import { type Decoder, matching } from './decode.ts';

/** An OCI content digest of a registered algorithm: `sha256:` and 64 or `sha512:` and 128 lower-case hex digits. */
export type Digest = string & { readonly __brand: 'Digest' };
export type DigestAlgorithm = 'sha256' | 'sha512';

/** Safe in a path and in a URL once it is one: nothing but hex digits follows the algorithm (CVE-2024-3727). */
export const digest: Decoder<Digest> = matching(
  /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
  'a digest (sha256: and 64, or sha512: and 128 lower-case hex digits)',
);

export function parseDigest(text: string): Digest {
  return digest(text);
}

/** The digest that `algorithm` gave as `hex`. */
export function makeDigest(algorithm: DigestAlgorithm, hex: string): Digest {
  return digest(`${algorithm}:${hex}`);
}

export function digestAlgorithm(of: Digest): DigestAlgorithm {
  return of.startsWith('sha256:') ? 'sha256' : 'sha512';
}

export function digestHex(of: Digest): string {
  return of.slice(of.indexOf(':') + 1);
}
