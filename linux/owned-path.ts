import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A way to a file, every symbolic link on it followed. */
export interface OwnedPath {
  /** Where the file really is. */
  readonly path: string;
  /** Who else could put another file there, in words; undefined: nobody but root and these users. */
  readonly problem: string | undefined;
}

/** The kernel gives up after as many links (MAXSYMLINKS). */
const MAX_LINKS = 40;

/**
 * Looks at every directory and link from `/` to an absolute path, and at the file itself: all of them have to belong to one of `owners`,
 * and nobody else may write to them. In a sticky directory others may make files, but not take these away. Access control lists show in
 * the bits of the group (acl(5)). Throws ENOENT and its like.
 */
export function ownedPath(path: string, owners: ReadonlySet<number>): OwnedPath {
  const problem = problemOf('/', lstatSync('/'), owners);
  return problem === undefined ? walk('/', path.split('/'), 0, owners) : { path: '/', problem };
}

/**
 * Who else could change what a program of ours loads from beside itself, an addon (`*.node`), in words; undefined: nobody. A sticky directory does
 * not keep others from putting one there. `path` is real, and looked at.
 */
export function problemBeside(path: string, owners: ReadonlySet<number>): string | undefined {
  const directory = dirname(path);
  const { mode, gid } = lstatSync(directory);
  if ((mode & OTHERS_WRITE) !== 0 || ((mode & GROUP_WRITES) !== 0 && gid !== 0))
    return `others may put files beside it into ${directory}`;
  const addons = readdirSync(directory).filter((name) => name.endsWith('.node'));
  return addons
    .map((name) => ownedPath(join(directory, name), owners).problem)
    .find((each) => each !== undefined);
}

function walk(at: string, way: readonly string[], links: number, owners: ReadonlySet<number>): OwnedPath {
  const [name, ...further] = way;
  if (name === undefined) return { path: at, problem: undefined };
  const next = resolve(at, name === '' ? '.' : name);
  const stats = lstatSync(next);
  const problem = problemOf(next, stats, owners);
  if (problem !== undefined) return { path: next, problem };
  if (!stats.isSymbolicLink()) return walk(next, further, links, owners);
  if (links === MAX_LINKS) return { path: next, problem: `too many symbolic links lead to ${next}` };
  const target = readlinkSync(next);
  return walk(target.startsWith('/') ? '/' : at, [...target.split('/'), ...further], links + 1, owners);
}

const S_ISVTX = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

function problemOf(path: string, stats: Stats, owners: ReadonlySet<number>): string | undefined {
  const { uid, gid, mode } = stats;
  if (!owners.has(uid)) return `${path} belongs to user ${uid}`;
  if (stats.isSymbolicLink() || (stats.isDirectory() && (mode & S_ISVTX) !== 0)) return undefined;
  if ((mode & OTHERS_WRITE) !== 0) return `everybody may write to ${path}`;
  if ((mode & GROUP_WRITES) !== 0 && gid !== 0) return `group ${gid} may write to ${path}`;
  return undefined;
}
