import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import type { ArchiveEntry } from './archive/entry.ts';
import { ownPrivilege } from './extract/attributes.ts';
import { beginExtraction, type PlacedEntry } from './extract.ts';
import { type LayeredTree, readTree } from './read-tree.ts';
import { parseTreePath, type TreePath } from './tree-path.ts';

/** Copies a tree, or what overlayfs would show of layers, into the empty directory `to`, which may be missing, with owners, modes, times, links, devices and extended attributes, as far as we may set them. `shift` is added to owners. */
export async function copyTree(from: string | LayeredTree, to: string, shift = 0): Promise<void> {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const root = openSync(to, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    using extraction = beginExtraction(root, { privilege: ownPrivilege(), duplicates: 'refuse' });
    for await (const entry of readTree(from, '.')) await extraction.add(place(shifted(entry, shift)));
    extraction.finish();
  } finally {
    closeSync(root);
  }
}

function shifted(entry: ArchiveEntry, shift: number): ArchiveEntry {
  return shift === 0 ? entry : { ...entry, uid: entry.uid + shift, gid: entry.gid + shift };
}

function place(entry: ArchiveEntry): PlacedEntry {
  const path = treePath(entry.path);
  return entry.type === 'link' ? { entry, path, linkTarget: treePath(entry.linkTarget) } : { entry, path };
}

/** Names that come from a directory are never absolute, and never hold `..`. */
function treePath(name: Buffer): TreePath {
  const parsed = parseTreePath(name);
  if ('path' in parsed) return parsed.path;
  throw new TypeError(`a file of a tree ${parsed.problem}`);
}
