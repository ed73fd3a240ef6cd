import { createHash, type Hash } from 'node:crypto';
import type { DetachedSignature } from './signature.ts';
import { isStrongHash } from './verify-detached.ts';

/** Hashes a blob once for everybody who needs it: its own digests and those of all its signatures. */
export interface BlobHasher {
  update(chunk: Uint8Array): void;
  /** The blob's own digest so far, of an algorithm named in `algorithms`. */
  digest(algorithm: string): Buffer;
  /** What each signature was made over, in their order; undefined where its hash algorithm is refused anyway. */
  signatureDigests(): readonly (Buffer | undefined)[];
}

/**
 * Reading and hashing dominates verification, so the bytes go once through one hash per algorithm; signatures that begin
 * with a salt (v6) need their own. `algorithms` are node:crypto's names.
 */
export function blobHasher(
  algorithms: readonly string[],
  signatures: readonly DetachedSignature[] = [],
): BlobHasher {
  const hashes = new Map<string, Hash>();
  const start = (algorithm: string, prefix: Uint8Array) => {
    const name = hashKey(algorithm, prefix);
    if (!hashes.has(name)) hashes.set(name, createHash(algorithm).update(prefix));
  };
  for (const algorithm of algorithms) start(algorithm, new Uint8Array());
  for (const { hash, prefix } of signatures) if (isStrongHash(hash)) start(hash, prefix);
  const all = [...hashes.values()];
  return {
    update(chunk) {
      for (const hash of all) hash.update(chunk);
    },
    digest: (algorithm) => finish(hashes.get(algorithm), new Uint8Array()),
    signatureDigests: () =>
      signatures.map(({ hash, prefix, suffix }) =>
        isStrongHash(hash) ? finish(hashes.get(hashKey(hash, prefix)), suffix) : undefined,
      ),
  };
}

function hashKey(algorithm: string, prefix: Uint8Array): string {
  return prefix.length === 0 ? algorithm : `${algorithm} ${Buffer.from(prefix).toString('hex')}`;
}

/** On a copy, so that hashing can go on and others can finish the same hash with another suffix. */
function finish(hash: Hash | undefined, suffix: Uint8Array): Buffer {
  if (hash === undefined) throw new Error('an algorithm that was not hashed');
  return hash.copy().update(suffix).digest();
}
