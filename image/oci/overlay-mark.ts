import type { Stats } from 'node:fs';
import { getXattr, setXattr } from '../../linux/xattr.ts';
import type { Privilege } from '../extract/attributes.ts';

/** Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"; `user.` for mounts with `userxattr`. */
const OPAQUE = {
  root: 'trusted.overlay.opaque',
  mapped: 'user.overlay.opaque',
  user: 'user.overlay.opaque',
} as const satisfies Record<Privilege, string>;

/** Marks an open directory as hiding the same directory of the layers below. */
export function markOpaque(fd: number, privilege: Privilege): void {
  setXattr(fd, OPAQUE[privilege], Buffer.from('y'));
}

/** Whether a directory (a path that ends with NUL) is so marked. */
export function isOpaque(path: Uint8Array): boolean {
  return Object.values(OPAQUE).some((name) => getXattr(path, name)?.toString() === 'y');
}

/** Whether a file is a whiteout: a character device 0:0. */
export function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

/**
 * The layers (unpacked, the uppermost first) that show at all: overlayfs does not look at the mark on the root of a layer,
 * so those below a layer that hides everything are not to be given to it.
 */
export function visibleLayers(layers: readonly string[]): readonly string[] {
  const last = layers.findIndex((layer) => isOpaque(Buffer.from(`${layer}\0`)));
  return last < 0 ? layers : layers.slice(0, last + 1);
}
