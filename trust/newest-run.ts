import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../linux/durable-file.ts';
import { lock } from '../linux/lock.ts';
import { hasCode } from '../linux/system-error.ts';
import { object, string } from '../schema/decode.ts';
import { DecodeError } from '../schema/decode-error.ts';
import { decodeJson } from '../schema/json.ts';
import { type Freshness, freshness, newestOf } from './rollback.ts';
import { TrustError } from './trust-error.ts';

const mark = object({ name: string, newest: freshness });

/**
 * The newest image that ever ran under `name`; undefined if none did. `directory` holds one file per name. A file that
 * cannot be read is an error, not "none": damage must not open the way back.
 */
export function newestRun(directory: string, name: string): Freshness | undefined {
  const path = markPath(directory, name);
  try {
    const found = decodeJson(readFileSync(path), mark, { what: 'mark', maxBytes: 64 * 1024 });
    return found.newest;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (!(error instanceof DecodeError)) throw error;
    const hint = 'remove the file to forget which version ran last';
    throw new TrustError('ERR_BAD_RECORD', `read ${path}: ${error.message}`, hint);
  }
}

/** Records that an image runs under `name`; the mark only ever rises, whoever records at the same time. */
export function recordRun(directory: string, name: string, candidate: Freshness): void {
  if (newestRun(directory, name)?.digest === candidate.digest) return;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  using _ = lock(directory, 'exclusive');
  const newest = newestOf(candidate, newestRun(directory, name));
  replaceFile(markPath(directory, name), `${JSON.stringify({ name, newest })}\n`);
}

/** Names have slashes and no length limit of ours; their hash is a file name. */
function markPath(directory: string, name: string): string {
  return join(directory, `${createHash('sha256').update(name).digest('hex')}.json`);
}
