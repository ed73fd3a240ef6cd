import { syscall } from './call.ts';

/** linux/stat.h */
const S_IFMT = { 'character-device': 0o020000, 'block-device': 0o060000, fifo: 0o010000 } as const;

export type NodeType = keyof typeof S_IFMT;

/** mknodat(2): makes a device or a fifo with mode 0600; `name` ends with NUL. */
export function makeNode(dirfd: number, name: Uint8Array, type: NodeType, device = 0): void {
  syscall('mknodat', [dirfd, name, S_IFMT[type] | 0o600, device], `make ${type}`);
}

const MAX_MAJOR = 0xfff;
const MAX_MINOR = 0xfffff;

/** linux/kdev_t.h, new_encode_dev(): how system calls take a device number; undefined when it does not fit. */
export function encodeDevice(major: number, minor: number): number | undefined {
  const fits = major >= 0 && major <= MAX_MAJOR && minor >= 0 && minor <= MAX_MINOR;
  return fits ? ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0 : undefined;
}

/** glibc's gnu_dev_major() and gnu_dev_minor(): what stat(2) in a program calls `st_rdev`. */
export function decodeDevice(rdev: bigint): { readonly major: number; readonly minor: number } {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn & 0xffffffffn);
  return { major: Number(major), minor: Number(minor) };
}
