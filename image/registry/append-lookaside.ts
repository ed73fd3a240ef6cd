import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFile, syncDirectory } from '../../linux/durable-file.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Digest } from '../../schema/digest.ts';
import { MAX_SIGNATURES, readIfThere, signatureUrl } from './lookaside.ts';

/** A place for signatures that holds as many of an image as anybody reads. */
export class LookasideFullError extends Error {
  readonly code = 'ERR_LOOKASIDE_FULL';
  constructor(directory: string) {
    super(`write signatures into "${directory}": it holds ${MAX_SIGNATURES}, and no more are read`);
    this.name = 'LookasideFullError';
  }
}

/**
 * Adds "simple signing" signatures to those that the directory `base` (a `file:` URL) holds of an image, each under the first number that
 * is free. What is there stays, also what somebody else writes meanwhile; what is there already is not written again.
 */
export function appendLookaside(
  base: URL,
  repository: string,
  digest: Digest,
  messages: readonly Buffer[],
): void {
  const pathOf = (index: number) => fileURLToPath(signatureUrl(base, repository, digest, index));
  const directory = dirname(pathOf(1));
  mkdirSync(directory, { recursive: true });
  for (const message of messages) append(directory, pathOf, message);
  syncDirectory(directory);
}

function append(directory: string, pathOf: (index: number) => string, message: Buffer): void {
  for (let index = 1; index <= MAX_SIGNATURES; index++) {
    const there = readIfThere(pathOf(index));
    if (there?.equals(message)) return;
    if (there === undefined && createComplete(directory, pathOf(index), message)) return;
  }
  throw new LookasideFullError(directory);
}

/** link(2) fails where there is a file of that name, and no reader ever sees half of one. */
function createComplete(directory: string, path: string, message: Buffer): boolean {
  const temporary = join(directory, `.new-${crypto.randomUUID()}`);
  try {
    createFile(temporary, message);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}
