import { parentPath, rootPath, type TreePath } from '../tree-path.ts';

/** Which directories of a layer its archive describes, and which it only puts something into. */
export interface DescribedDirectories {
  /** Notes a directory that is described. */
  describe(path: TreePath): void;
  /** Notes a file: what was a directory there is none any more; a symbolic link may lead to one. */
  putFile(path: TreePath, isSymlink: boolean): void;
  /** Notes that something is in the directory `path`, and so in those above it. */
  putInto(path: TreePath): void;
  /** Directories with something in them that nothing is said about, some perhaps replaced since; the root never counts. */
  implied(): readonly TreePath[];
}

export function describedDirectories(): DescribedDirectories {
  const described = new Set<TreePath>([rootPath]);
  const implied = new Set<TreePath>();
  const links = new Set<TreePath>();
  const putInto = (path: TreePath): void => {
    for (let each = path; !described.has(each) && !implied.has(each); each = parentPath(each)) {
      if (links.has(each)) return;
      implied.add(each);
    }
  };
  return {
    putInto,
    describe: (path) => {
      putInto(parentPath(path));
      links.delete(path);
      implied.delete(path);
      described.add(path);
    },
    putFile: (path, isSymlink) => {
      // What was in a directory is not searched for: that would take time for each file that replaces one.
      for (const set of [described, implied, links]) set.delete(path);
      if (isSymlink) links.add(path);
      putInto(parentPath(path));
    },
    implied: () => [...implied],
  };
}
