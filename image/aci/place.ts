import type { ArchiveEntry } from '../archive/entry.ts';
import type { PlacedEntry } from '../extract.ts';
import { parseTreePath, pathBelow, rootPath, showTreePath, type TreePath } from '../tree-path.ts';
import { AciError } from './error.ts';

const MANIFEST = 'manifest';
const ROOTFS = 'rootfs' as TreePath;

/** What an entry of an ACI is: the manifest, something in the root file system, or nothing (the "." that tar(1) adds). */
export type AciPart = 'manifest' | 'nothing' | PlacedEntry;

/** Places an entry as the appc spec (aci.md, Image Archives) has it: `manifest` and `rootfs` alone stand at the top. */
export function placeAciEntry(entry: ArchiveEntry): AciPart {
  const path = treePath(entry.path);
  if (path === rootPath) return entry.type === 'directory' ? 'nothing' : fail('its top is not a directory');
  if (path === MANIFEST) return entry.type === 'file' ? 'manifest' : fail('"manifest" is not a file');
  const below = pathBelow(path, ROOTFS);
  if (below === undefined)
    return fail(`${showTreePath(path)} stands at the top, where only "manifest" and "rootfs" may be`);
  if (below === rootPath && entry.type !== 'directory') return fail('"rootfs" is not a directory');
  return entry.type === 'link'
    ? { entry, path: below, linkTarget: linkTarget(path, entry) }
    : { entry, path: below };
}

function treePath(name: Buffer): TreePath {
  const parsed = parseTreePath(name);
  return 'path' in parsed ? parsed.path : fail(`name ${JSON.stringify(name.toString())} ${parsed.problem}`);
}

/** A hard link names a file of the archive. */
function linkTarget(path: TreePath, entry: ArchiveEntry): TreePath {
  const target = pathBelow(treePath(entry.linkTarget), ROOTFS);
  return target ?? fail(`${showTreePath(path)} is a hard link to something outside of "rootfs"`);
}

function fail(problem: string): never {
  throw new AciError(problem);
}
