/**
 * A path below the root of a tree, normal: components joined by "/", none of them empty, "." or ".."; empty for the root itself.
 * Names are bytes: each character stands for one (latin1), so that any name can be a key and nothing is lost.
 */
export type TreePath = string & { readonly __brand: 'TreePath' };

export const rootPath = '' as TreePath;

const MAX_COMPONENT = 255;

/** Why a name from an archive cannot be a path in a tree. */
export type PathProblem = 'is absolute' | 'contains ".."' | 'has a component longer than 255 bytes';

/** A name from an archive as a path. "." components and repeated slashes mean nothing; all else that is odd is a problem. */
export function parseTreePath(name: Buffer): { readonly path: TreePath } | { readonly problem: PathProblem } {
  const components = name
    .toString('latin1')
    .split('/')
    .filter((component) => component !== '' && component !== '.');
  if (name[0] === 0x2f) return { problem: 'is absolute' };
  if (components.includes('..')) return { problem: 'contains ".."' };
  if (components.some(({ length }) => length > MAX_COMPONENT))
    return { problem: 'has a component longer than 255 bytes' };
  return { path: components.join('/') as TreePath };
}

/** The path's bytes and a NUL, as a system call wants them; "." for the root. */
export function treePathBytes(path: TreePath): Buffer {
  return Buffer.from(`${path || '.'}\0`, 'latin1');
}

export function parentPath(path: TreePath): TreePath {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0)) as TreePath;
}

/** The last component. */
export function leafName(path: TreePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The part of `path` below the directory `top`; undefined when it is not below it (or it). */
export function pathBelow(path: TreePath, top: TreePath): TreePath | undefined {
  if (path === top) return rootPath;
  if (top === rootPath) return path;
  return path.startsWith(`${top}/`) ? (path.slice(top.length + 1) as TreePath) : undefined;
}

/** The path as a person reads it, in quotes. */
export function showTreePath(path: TreePath): string {
  return JSON.stringify(Buffer.from(path || '.', 'latin1').toString());
}
