import type { Digest } from '../schema/digest.ts';
import { bundledStatement, isSubject } from './cosign/bundle.ts';
import type { Evidence } from './evidence.ts';
import { decodeClaim } from './oci/simple-signing.ts';
import { literalData } from './openpgp/signed-message.ts';
import { TrustError } from './trust-error.ts';

/**
 * Whether evidence says of itself that it is about the OCI manifest or index with this digest. That does not make it true: nothing is
 * verified here. What cannot be read is about nothing; a detached signature is about a file, never about a manifest.
 */
export async function isAbout(evidence: Evidence, digest: Digest): Promise<boolean> {
  try {
    return await saysAbout(evidence, digest);
  } catch (error) {
    if (error instanceof TrustError) return false;
    throw error;
  }
}

async function saysAbout(evidence: Evidence, digest: Digest): Promise<boolean> {
  switch (evidence.type) {
    case 'openpgp':
      return false;
    case 'simple-signing': {
      const payload = await literalData(evidence.message);
      return decodeClaim(payload, 'atomic container signature').digest === digest;
    }
    case 'cosign':
      return decodeClaim(evidence.payload, 'cosign container image signature').digest === digest;
    case 'sigstore-bundle':
      return isSubject(bundledStatement(evidence.bundle), digest);
  }
}
