import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolveInLayers } from '../../image/oci/resolve-in-layers.ts';
import type { ImageRoot } from './image-root.ts';

/** A passwd file of a million users fits; what is larger is no such file. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Looks into layers, the uppermost first, as their overlay would show them. */
export function layeredRoot(lowers: readonly string[]): ImageRoot {
  const ownerOf = (path: string) => {
    const found = resolveInLayers(lowers, path, false);
    return found === undefined ? undefined : { uid: found.stat.uid, gid: found.stat.gid };
  };
  return {
    passwd: () => read(lowers, '/etc/passwd'),
    group: () => read(lowers, '/etc/group'),
    ownerOf,
    has: (path) => ownerOf(path) !== undefined,
    [Symbol.dispose]: () => {},
  };
}

function read(lowers: readonly string[], path: string): string | undefined {
  const found = resolveInLayers(lowers, path, true);
  if (!found?.stat.isFile() || found.stat.size > MAX_BYTES) return undefined;
  const fd = openSync(found.place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bytes = Buffer.alloc(fstatSync(fd).size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}
