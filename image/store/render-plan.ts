import type { EntryType } from '../archive/entry.ts';
import { parentPath, rootPath, type TreePath } from '../tree-path.ts';

/** A file of an image, as far as it matters to what is rendered. */
export interface ImageEntry {
  readonly path: TreePath;
  readonly type: EntryType;
  /** The file that a hard link names. */
  readonly linkTarget?: TreePath | undefined;
}

/** An image of a dependency tree. The list of them is depth first, each image before those it depends on, the upper one first. */
export interface ImageToRender {
  /** Its distance from the image that is rendered. */
  readonly level: number;
  /** Empty: everything. */
  readonly whitelist: ReadonlySet<TreePath>;
  readonly entries: readonly ImageEntry[];
}

/** Where something of an image goes. */
export interface Placing {
  readonly path: TreePath;
  /** In the result, for what is a hard link there. */
  readonly linkTarget?: TreePath;
}

/** For each image, what is taken of it, by its path in the image. */
export type RenderPlan = readonly ReadonlyMap<TreePath, Placing>[];

/**
 * Decides which file comes from which image, as rkt's renderer did: the upper image's; what is not a directory there hides what is
 * below it. An image's own whitelist is for its files; the uppermost one above it on its branch is for its directories, too.
 */
export function planRendering(images: readonly ImageToRender[]): RenderPlan {
  const taken = new Map<TreePath, EntryType>();
  return images.map((image, index) => {
    const above = whitelistAbove(images, index);
    const chosen = image.entries.filter((entry) => isListed(entry, image, above) && isFree(entry, taken));
    for (const { path, type } of chosen) taken.set(path, type);
    return withLinkTargets(image, chosen);
  });
}

/** The whitelist of the uppermost image above this one on its branch that has one. */
function whitelistAbove(images: readonly ImageToRender[], index: number): ReadonlySet<TreePath> | undefined {
  let level = images[index]?.level ?? 0;
  let found: ReadonlySet<TreePath> | undefined;
  for (const image of images.slice(0, index).toReversed()) {
    if (image.level !== level - 1) continue; // of another branch
    level = image.level;
    if (image.whitelist.size > 0) found = image.whitelist;
  }
  return found;
}

function isListed(
  { path, type }: ImageEntry,
  { whitelist }: ImageToRender,
  above: ReadonlySet<TreePath> | undefined,
): boolean {
  if (path === rootPath) return true;
  if (type !== 'directory' && whitelist.size > 0 && !whitelist.has(path)) return false;
  return above === undefined || above.has(path);
}

function isFree({ path }: ImageEntry, taken: ReadonlyMap<TreePath, EntryType>): boolean {
  if (taken.has(path)) return false;
  for (let parent = path; parent !== rootPath; ) {
    parent = parentPath(parent);
    const type = taken.get(parent);
    if (type !== undefined && type !== 'directory') return false;
  }
  return true;
}

/** A hard link whose file is not taken becomes that file; others to the same file link to it. */
function withLinkTargets(
  { entries }: ImageToRender,
  chosen: readonly ImageEntry[],
): ReadonlyMap<TreePath, Placing> {
  const targets = new Map(entries.map(({ path, linkTarget }) => [path, linkTarget] as const));
  const files = chosen.filter(({ linkTarget }) => linkTarget === undefined);
  const placings = new Map(files.map(({ path }): [TreePath, Placing] => [path, { path }]));
  for (const { path, linkTarget } of chosen) {
    if (linkTarget === undefined) continue;
    const file = fileOf(path, targets);
    const known = placings.get(file);
    if (known === undefined) placings.set(file, { path });
    else placings.set(path, { path, linkTarget: known.path });
  }
  return placings;
}

/** The file that a chain of hard links leads to; the path itself where they lead in a circle. */
function fileOf(path: TreePath, targets: ReadonlyMap<TreePath, TreePath | undefined>): TreePath {
  const seen = new Set<TreePath>();
  let file = path;
  for (let target = targets.get(file); target !== undefined; target = targets.get(file)) {
    if (seen.has(target)) return path;
    seen.add(target);
    file = target;
  }
  return file;
}
