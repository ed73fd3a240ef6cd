import { libc } from './call.ts';
import { hasCode } from './system-error.ts';

/** Paths end with NUL; the last component is never followed when it is a symbolic link. */

/** fsetxattr(2) */
export function setXattr(fd: number, name: string, value: Uint8Array): void {
  libc('fsetxattr', [fd, name, orNull(value), value.length, 0], `set attribute ${name}`);
}

/** lsetxattr(2) */
export function setLinkXattr(path: Uint8Array, name: string, value: Uint8Array): void {
  libc('lsetxattr', [path, name, orNull(value), value.length, 0], `set attribute ${name}`);
}

/** llistxattr(2): the names of the extended attributes; none where the file system has none. */
export function listXattrs(path: Uint8Array): string[] {
  const bytes = grow((buffer) => libc('llistxattr', [path, buffer, buffer.length], 'list attributes'));
  const names = bytes?.toString().split('\0') ?? [];
  return names.filter((name) => name !== '');
}

/** lgetxattr(2): the value, or undefined when there is none. */
export function getXattr(path: Uint8Array, name: string): Buffer | undefined {
  return grow((buffer) => libc('lgetxattr', [path, name, buffer, buffer.length], `get attribute ${name}`));
}

/** linux/limits.h: XATTR_SIZE_MAX, XATTR_LIST_MAX */
const XATTR_MAX = 65536;

/** Most lists and values are small; ERANGE asks for more room. */
function grow(read: (buffer: Buffer) => number): Buffer | undefined {
  for (let length = 256; ; length = XATTR_MAX) {
    const buffer = Buffer.alloc(length);
    try {
      return buffer.subarray(0, read(buffer));
    } catch (error) {
      if (hasCode(error, 'ENODATA', 'EOPNOTSUPP', 'ENOTSUP')) return undefined;
      if (!hasCode(error, 'ERANGE') || length === XATTR_MAX) throw error;
    }
  }
}

function orNull(value: Uint8Array): Uint8Array | null {
  return value.length === 0 ? null : value;
}
