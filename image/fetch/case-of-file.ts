import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { show } from '../../schema/decode-error.ts';
import { type Digest, makeDigest } from '../../schema/digest.ts';
import type { Case } from '../../trust/evaluate.ts';
import { type Evidence, openpgpEvidence } from '../../trust/evidence.ts';
import { type BlobHasher, blobHasher } from '../../trust/openpgp/blob-hasher.ts';
import { refuseHopeless, refuseUnvouchedAci } from '../../trust/refuse-early.ts';
import { TrustError } from '../../trust/trust-error.ts';
import { passingChunks, pathChunks } from '../file-chunks.ts';
import { type AciInspection, inspectChunks } from '../inspect-aci.ts';
import type { FetchOptions, ImageRequest } from './options.ts';
import { signaturesOfFile } from './signature-file.ts';

/** An ACI file as far as it can be judged and described where it is. */
export interface CaseOfFile {
  readonly question: Case;
  readonly inspection: AciInspection;
}

/** Reads an ACI file without bringing it into the store. As there, what nobody vouches for is not opened. */
export async function caseOfFile(
  path: string,
  request: ImageRequest,
  options: FetchOptions,
): Promise<CaseOfFile> {
  const { digest, evidence } = await readEvidence(path, request, options);
  const hash = createHash('sha512');
  const inspection = await inspectChunks(hashed(path, hash));
  if (makeDigest('sha512', hash.digest('hex')) !== digest)
    throw new TrustError('ERR_SIGNATURE_MISMATCH', `read ${show(path)}: it changed while it was being read`);
  const subject = { name: inspection.manifest.name, digests: [digest] };
  return { question: { request: request.reference, kind: 'aci', subject, evidence }, inspection };
}

async function readEvidence(
  path: string,
  request: ImageRequest,
  options: FetchOptions,
): Promise<{ readonly digest: Digest; readonly evidence: readonly Evidence[] }> {
  const signatures = await signaturesOfFile(path, request, options);
  const wanted = { request: request.reference, name: undefined };
  if (!options.insecureImage) await refuseHopeless(wanted, signatures, options.trust());
  const hasher = blobHasher(['sha512'], signatures);
  hashFile(path, hasher);
  const evidence = openpgpEvidence(signatures, hasher, new Date());
  if (!options.insecureImage) await refuseUnvouchedAci(wanted, evidence, options.trust());
  return { digest: makeDigest('sha512', hasher.digest('sha512').toString('hex')), evidence };
}

function hashFile(path: string, hasher: BlobHasher): void {
  const fd = openSync(path, 'r');
  try {
    for (const chunk of passingChunks(fd)) hasher.update(chunk);
  } finally {
    closeSync(fd);
  }
}

/** What is looked into has to be what was hashed before: the file stays where others may write to it. */
async function* hashed(path: string, hash: { update(chunk: Buffer): unknown }): AsyncGenerator<Buffer> {
  for await (const chunk of pathChunks(path)) {
    hash.update(chunk);
    yield chunk;
  }
}
