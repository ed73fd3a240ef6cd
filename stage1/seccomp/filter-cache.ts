import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../linux/durable-file.ts';
import { SOCK_FILTER_SIZE } from '../../linux/seccomp.ts';
import { libraryVersion } from '../../linux/seccomp-library.ts';
import { hasCode } from '../../linux/system-error.ts';
import type { Seccomp } from '../../schema/runtime/seccomp.ts';
import { compileFilter, filterFlags, type SeccompFilter } from './filter.ts';

/** Changes with what compileFilter() makes of a profile. */
const FORMAT = 1;

/** linux/bpf_common.h: BPF_MAXINSNS */
const MOST_BYTES = 4096 * SOCK_FILTER_SIZE;

/**
 * Where filters are kept from one pod to the next: libseccomp takes 15 ms and more for the default profile, reading it back
 * less than one. Below /run, so a filter outlives neither the boot nor its kernel. undefined: nowhere.
 */
export function filterCacheDirectory(euid: number, runtimeDirectory: string | undefined): string | undefined {
  const run = euid === 0 ? '/run' : runtimeDirectory;
  return run ? join(run, 'tsrkt', 'seccomp') : undefined;
}

/**
 * The filter of a profile, kept in `directory` by the digest of all that it is made from. Files and directories that others
 * could have written to are neither used nor written.
 */
export function cachedFilter(seccomp: Seccomp, directory: string | undefined): SeccompFilter {
  if (directory === undefined) return compileFilter(seccomp);
  const file = join(directory, cacheKey(seccomp));
  const kept = readKept(file);
  if (kept) return { program: kept, flags: filterFlags(seccomp), unrestricted: [] };
  const filter = compileFilter(seccomp);
  if (filter.unrestricted.length === 0) keep(directory, file, filter.program); // what has to be reported is made anew
  return filter;
}

function cacheKey(seccomp: Seccomp): string {
  const profile = JSON.stringify(seccomp, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  const sources = [FORMAT, process.arch, libraryVersion(), profile];
  return createHash('sha256').update(sources.join('\n')).digest('hex');
}

function readKept(file: string): Uint8Array | undefined {
  const fd = open(file);
  if (fd === undefined) return undefined;
  try {
    const status = fstatSync(fd);
    const fits = status.size > 0 && status.size <= MOST_BYTES && status.size % SOCK_FILTER_SIZE === 0;
    if (!status.isFile() || !fits || !isOurs(status)) return undefined;
    const bytes = Buffer.alloc(status.size);
    return readSync(fd, bytes) === bytes.length ? bytes : undefined;
  } finally {
    closeSync(fd);
  }
}

function open(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ELOOP')) return undefined;
    throw error;
  }
}

function isOurs({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return uid === process.geteuid?.() && (mode & 0o022) === 0;
}

/** A cache that cannot be written costs time, nothing else. */
function keep(directory: string, file: string, program: Uint8Array): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (isOurs(statSync(directory))) replaceFile(file, program, { mode: 0o400, sync: false });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EEXIST', 'ENOSPC', 'EPERM', 'EROFS', 'ENOTDIR')) throw error;
  }
}
