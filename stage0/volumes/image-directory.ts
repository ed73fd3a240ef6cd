import { closeSync, constants, openSync } from 'node:fs';
import { O_CLOEXEC } from '../../linux/fcntl.ts';
import { openat2, RESOLVE } from '../../linux/openat2.ts';
import { openOverlayView } from '../../linux/overlay-view.ts';
import { hasCode } from '../../linux/system-error.ts';

/** Opens a directory of an image whose files are in these directories, the uppermost first; undefined: it has none there. */
export function openImageDirectory(lowers: readonly string[], path: string): number | undefined {
  const root = openRoot(lowers);
  try {
    return openat2(root, path, {
      flags: constants.O_RDONLY | constants.O_DIRECTORY | O_CLOEXEC,
      resolve: RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS,
    });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  } finally {
    closeSync(root);
  }
}

function openRoot(lowers: readonly string[]): number {
  if (lowers.length > 1) return openOverlayView(lowers);
  return openSync(lowers[0] ?? '', constants.O_RDONLY | constants.O_DIRECTORY);
}
