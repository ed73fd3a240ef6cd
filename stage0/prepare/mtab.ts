import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, type Stats, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findInLayers } from '../../image/oci/lower-layers.ts';
import type { TreePath } from '../../image/tree-path.ts';

/**
 * Makes /etc/mtab the link that mount(8) and df(1) expect, in an image that has an /etc (rkt does). `root` is where the app's
 * own files go: its upper directory, or a copy of the image; `lowers` are the image's layers, the uppermost first. Nothing here follows a link of the image: an /etc that is one is
 * left alone, and so is a directory called mtab.
 */
export function linkMtab(root: string, lowers: readonly string[]): void {
  const image = findInLayers(lowers, 'etc' as TreePath)?.stat;
  if (!image?.isDirectory()) return;
  const etc = join(root, 'etc');
  if (lstatSync(etc, { throwIfNoEntry: false }) === undefined) copyDirectory(image, etc);
  const mtab = join(etc, 'mtab');
  if (lstatSync(mtab, { throwIfNoEntry: false })?.isDirectory()) return;
  rmSync(mtab, { force: true });
  symlinkSync('../proc/self/mounts', mtab);
}

/** A directory of an upper layer stands for the one below: it has to look like it. */
function copyDirectory({ mode, uid, gid }: Stats, to: string): void {
  mkdirSync(to);
  chownSync(to, uid, gid);
  chmodSync(to, mode & 0o7777);
}
