import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../linux/system-error.ts';
import { MAX_KEY_FILE_BYTES } from '../openpgp/key.ts';
import { readBounded } from '../read-bounded.ts';
import { TrustError } from '../trust-error.ts';

/** A file of a key store directory, named after the key that it holds or masks. */
export interface KeyFile {
  readonly path: string;
  readonly name: string;
  /** Absent: the file is empty (or a link to /dev/null) and masks the key. */
  readonly content?: Buffer;
  /** Why it cannot be used; it then masks its key as well, for it may hold that key's revocation. */
  readonly problem?: TrustError;
}

/**
 * The key files of one directory by name; none if it does not exist. A directory that cannot be read is an error: it may
 * hold masks. Names with a dot in front and directories are no key files.
 */
export function keyFilesIn(directory: string): readonly KeyFile[] {
  return namesIn(directory, { recursive: false })
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .flatMap((name) => readKeyFile(join(directory, name), name));
}

/** The paths below a directory, relative to it; none if it does not exist. */
export function filesBelow(directory: string): readonly string[] {
  return namesIn(directory, { recursive: true });
}

function namesIn(directory: string, options: { readonly recursive: boolean }): readonly string[] {
  try {
    return readdirSync(directory, { ...options, encoding: 'utf8' });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Links are followed: the administrator's own directories hold them, and a link to /dev/null is a mask. */
function readKeyFile(path: string, name: string): readonly KeyFile[] {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return [];
    if (isMask(found)) return [{ path, name }];
    return [{ path, name, content: readBounded(path, MAX_KEY_FILE_BYTES, refusal(path)) }];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const problem =
      error instanceof TrustError
        ? error
        : new TrustError('ERR_KEY_FILE', `read key file ${path}: ${message}`);
    return [{ path, name, problem }];
  }
}

/** linux/major.h, mem.c: /dev/null is character device 1:3. */
function isMask(found: Stats): boolean {
  return found.isFile() ? found.size === 0 : found.isCharacterDevice() && found.rdev === 0x103;
}

function refusal(path: string): (why: string) => TrustError {
  return (why) => new TrustError('ERR_KEY_FILE', `read key file ${path}: ${why}`);
}
