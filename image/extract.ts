import { closeSync, constants, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { strerror } from '../linux/libc.ts';
import { hasCode } from '../linux/system-error.ts';
import type { ArchiveEntry } from './archive/entry.ts';
import { type Attributes, impliedDirectory, type Privilege, setAttributes } from './extract/attributes.ts';
import { createFile, createLink, createNode, createSymlink, type Place } from './extract/create.ts';
import { type Directories, openDirectories, openDirectory, placeIn } from './extract/directories.ts';
import { ExtractError } from './extract/error.ts';
import { parentPath, pathBelow, rootPath, type TreePath } from './tree-path.ts';

export interface ExtractOptions {
  readonly privilege: Privilege;
  /** Whether a path may come twice, and the later one wins (OCI layers); appc forbids it. */
  readonly duplicates: 'refuse' | 'replace';
}

/** An archive's entry and where it belongs. */
export interface PlacedEntry {
  readonly entry: ArchiveEntry;
  readonly path: TreePath;
  /** The file that a hard link names. */
  readonly linkTarget?: TreePath;
}

/** A tree in the making. Dispose of it in any case; what was made stays. */
export interface Extraction extends Disposable {
  add(placed: PlacedEntry): Promise<void>;
  /** Gives the directories their attributes, when nothing more is put in them. */
  finish(): void;
}

/**
 * Makes files below the directory `root` (an fd), and nowhere else: each file's directory is resolved by the kernel with
 * `root` for "/", and the file itself must not exist. Owners, modes, times and allowed extended attributes are restored.
 * `root` must not be reachable for others while this works.
 */
export function beginExtraction(root: number, options: ExtractOptions): Extraction {
  const attributes = new Map<TreePath, Attributes>([[rootPath, impliedDirectory]]);
  const directories = openDirectories(root, (path) => describe(attributes, path, impliedDirectory));
  const tree: Tree = { root, options, attributes, directories, replaced: 0 };
  return {
    async add(placed) {
      try {
        await add(tree, placed);
      } catch (error) {
        throw named(placed.path, error);
      }
    },
    finish: () => finishDirectories(tree),
    [Symbol.dispose]: () => directories[Symbol.dispose](),
  };
}

interface Tree {
  readonly root: number;
  readonly options: ExtractOptions;
  readonly attributes: Map<TreePath, Attributes>;
  readonly directories: Directories;
  /** How many directories gave way to a later entry. */
  replaced: number;
}

/** What we remember of directories until the end must fit in memory, and looking for some of them must not take for ever. */
const MAX_DIRECTORIES = 500_000;
const MAX_REPLACED = 1000;

function describe(attributes: Map<TreePath, Attributes>, path: TreePath, each: Attributes): void {
  if (attributes.size >= MAX_DIRECTORIES)
    throw new ExtractError(path, `more than ${MAX_DIRECTORIES} directories`);
  attributes.set(path, each);
}

async function add(tree: Tree, placed: PlacedEntry): Promise<void> {
  const { entry, path } = placed;
  if (path === rootPath && entry.type !== 'directory')
    throw new ExtractError(path, 'the root is not a directory');
  if (entry.type === 'directory') return addDirectory(tree, path, entry);
  const directory = tree.directories.ensure(parentPath(path));
  const place: Place = { directory, path, privilege: tree.options.privilege };
  try {
    await create(tree, place, placed);
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || tree.options.duplicates === 'refuse') throw error;
    remove(tree, directory, path);
    await create(tree, { ...place, directory: tree.directories.ensure(parentPath(path)) }, placed);
  }
}

async function create(tree: Tree, place: Place, { entry, linkTarget }: PlacedEntry): Promise<void> {
  switch (entry.type) {
    case 'file':
      return await createFile(place, entry);
    case 'symlink':
      return createSymlink(place, entry);
    case 'link':
      return createLink(place, tree.directories, linkTarget ?? rootPath);
    case 'character-device':
    case 'block-device':
    case 'fifo':
      return createNode(place, entry.type, entry);
    case 'directory':
      return;
  }
}

/** A directory that was made because something is in it may be described later; one that was described may not. */
function addDirectory(tree: Tree, path: TreePath, { uid, gid, mode, mtime, xattrs }: Attributes): void {
  const known = tree.attributes.get(path);
  if (known !== undefined && known !== impliedDirectory && tree.options.duplicates === 'refuse')
    throw new ExtractError(path, 'comes twice');
  if (path !== rootPath) makeDirectory(tree, path);
  describe(tree.attributes, path, { uid, gid, mode, mtime, xattrs });
}

function makeDirectory(tree: Tree, path: TreePath): void {
  const directory = tree.directories.ensure(parentPath(path));
  try {
    mkdirSync(placeIn(directory, path), 0o700);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    if (lstatSync(placeIn(directory, path)).isDirectory()) return;
    if (tree.options.duplicates === 'refuse') throw error;
    remove(tree, directory, path);
    mkdirSync(placeIn(tree.directories.ensure(parentPath(path)), path), 0o700);
  }
}

/** Removes what a later entry replaces; links in it are removed, not followed. */
function remove(tree: Tree, directory: number, path: TreePath): void {
  const isDirectory = lstatSync(placeIn(directory, path)).isDirectory();
  rmSync(placeIn(directory, path), { recursive: true });
  tree.directories.forget();
  if (isDirectory) forgetDirectory(tree, path);
}

function forgetDirectory(tree: Tree, path: TreePath): void {
  if (++tree.replaced > MAX_REPLACED)
    throw new ExtractError(path, `more than ${MAX_REPLACED} directories replaced`);
  for (const known of tree.attributes.keys())
    if (pathBelow(known, path) !== undefined) tree.attributes.delete(known);
}

/** The one made last comes first: what is in a directory is done when a mode closes the directory to us. */
function finishDirectories({ root, options, attributes }: Tree): void {
  for (const [path, each] of [...attributes].reverse()) {
    try {
      using fd = owned(openDirectory(root, path, constants.O_RDONLY));
      setAttributes(fd.number, each, options.privilege);
    } catch (error) {
      throw named(path, error);
    }
  }
}

function owned(fd: number) {
  return { number: fd, [Symbol.dispose]: () => closeSync(fd) };
}

/** What to throw for an error: one that the system gives names the path in the tree, not the one by which we got there. */
function named(path: TreePath, error: unknown): unknown {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || errno === undefined) return error;
  const problem = code === 'EEXIST' ? 'comes twice' : `${code} (${strerror(Math.abs(errno))})`;
  return new ExtractError(path, problem, { code, cause: error });
}
