import type { Config } from 'openpgp';

export type { Config, Key, SignaturePacket, Subkey } from 'openpgp';

type Library = typeof import('openpgp');

/** The OpenPGP library and the configuration every call of it must be given. */
export interface Openpgp {
  readonly library: Library;
  readonly config: Config;
}

/** What an inline signed message may inflate to: a 100 kB message can hold 100 MB of zeros. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

let loading: Promise<Openpgp> | undefined;

/** The only importer of `openpgp`, which costs 48 ms: loaded when the first key or signature is read. */
export function loadOpenpgp(): Promise<Openpgp> {
  loading ??= import('openpgp').then((library) => ({ library, config: strictConfig(library) }));
  return loading;
}

/**
 * The library's defaults refuse MD5, SHA-1 message digests, DSA and ElGamal, and require key flags. On top of them:
 * `allowInsecureVerificationWithReformattedKeys` accepts a signature older than the key's newest self-signature, which is
 * what every signature is once its vendor has extended the key's life; the key must then be good today.
 */
function strictConfig(library: Library): Config {
  return {
    ...library.config,
    minRSABits: 2048,
    maxDecompressedMessageSize: MAX_MESSAGE_BYTES,
    allowInsecureVerificationWithReformattedKeys: true,
  };
}
