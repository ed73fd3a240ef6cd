import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { hasCode } from '../../linux/system-error.ts';
import {
  type DetachedSignature,
  MAX_SIGNATURE_FILE_BYTES,
  parseSignatures,
} from '../../trust/openpgp/signature.ts';
import { TrustError } from '../../trust/trust-error.ts';
import type { FetchOptions, ImageRequest } from './options.ts';

/** The signatures of an ACI file: of the file `--signature` names, or of the one beside it, if there is one. */
export async function signaturesOfFile(
  path: string,
  { signatureFile }: ImageRequest,
  { insecureImage }: FetchOptions,
): Promise<readonly DetachedSignature[]> {
  if (insecureImage) return [];
  if (signatureFile !== undefined) return readSignatureFile(signatureFile);
  try {
    return await readSignatureFile(`${path}.asc`);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Reads the detached signatures in a file of this machine. */
export async function readSignatureFile(path: string): Promise<readonly DetachedSignature[]> {
  return parseSignatures(readSmallFile(path), `signature file ${path}`);
}

/** Without O_NONBLOCK a fifo would make us wait for a writer. */
function readSmallFile(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = fstatSync(fd);
    if (!fstatSync(fd).isFile())
      throw new TrustError('ERR_SIGNATURE_FORMAT', `read signature file ${path}: not a regular file`);
    const bytes = Buffer.alloc(Math.min(size, MAX_SIGNATURE_FILE_BYTES + 1));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
