import { syscall } from './call.ts';
import { words } from './words.ts';

/** linux/openat2.h */
export const RESOLVE = { NO_XDEV: 1, NO_MAGICLINKS: 2, NO_SYMLINKS: 4, BENEATH: 8, IN_ROOT: 16 } as const;

export interface OpenHow {
  readonly flags: number;
  /** Permissions of a file that O_CREAT makes. */
  readonly mode?: number;
  readonly resolve: number;
}

/**
 * openat2(2): opens `path` below the directory `dirfd`; with RESOLVE.IN_ROOT, `dirfd` is "/" for every step of the way,
 * symbolic links and `..` included, so nothing outside of it can be reached..
 */
export function openat2(dirfd: number, path: string | Uint8Array, how: OpenHow): number {
  const bytes = openHow(how);
  const name = typeof path === 'string' ? path : Buffer.concat([path, Buffer.of(0)]);
  const what = `open ${JSON.stringify(typeof path === 'string' ? path : Buffer.from(path).toString())}`;
  return syscall('openat2', [dirfd, name, bytes, bytes.length], what);
}

/** struct open_how: flags at 0, mode at 8, resolve at 16; 24 bytes. */
export function openHow({ flags, mode = 0, resolve }: OpenHow): Buffer {
  return words([flags, mode, resolve]);
}
