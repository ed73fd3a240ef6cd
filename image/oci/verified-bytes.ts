import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, makeDigest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';

/** Content that has another digest than its name says. */
export class DigestMismatchError extends Error {
  readonly code = 'ERR_DIGEST_MISMATCH';
  constructor(what: string, wanted: Digest, actual: Digest) {
    super(`verify ${what}: expected ${wanted}, got ${actual}`);
    this.name = 'DigestMismatchError';
  }
}

/** Content that is shorter or longer than its descriptor says. */
export class SizeMismatchError extends Error {
  readonly code = 'ERR_SIZE_MISMATCH';
  constructor(digest: Digest, wanted: number, actual: string) {
    super(`verify blob ${digest}: expected ${wanted} bytes, got ${actual}`);
    this.name = 'SizeMismatchError';
  }
}

type Expected = Pick<Descriptor, 'digest' | 'size'>;

/**
 * Passes a blob's bytes on and throws where they are not the descriptor's: as soon as they are too many, else at the end.
 * Until it ended, nothing that was read may be relied on.
 */
export async function* verifiedBytes(
  bytes: AsyncIterable<Buffer>,
  { digest, size }: Expected,
): AsyncGenerator<Buffer> {
  const algorithm = digestAlgorithm(digest);
  const hash = createHash(algorithm);
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    if (total > size) throw new SizeMismatchError(digest, size, 'more');
    hash.update(chunk);
    yield chunk;
  }
  if (total < size) throw new SizeMismatchError(digest, size, String(total));
  const actual = makeDigest(algorithm, hash.digest('hex'));
  if (actual !== digest) throw new DigestMismatchError('blob', digest, actual);
}

/** Reads a small blob whole and verifies it. */
export async function readVerified(
  bytes: AsyncIterable<Buffer>,
  expected: Expected,
  maxBytes: number,
): Promise<Buffer> {
  if (expected.size > maxBytes)
    throw new SizeMismatchError(expected.digest, maxBytes, `${expected.size} announced`);
  const chunks: Buffer[] = [];
  for await (const chunk of verifiedBytes(bytes, expected)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
