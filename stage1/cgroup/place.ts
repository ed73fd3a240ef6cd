import { join } from 'node:path';
import type { Hierarchy } from '../../linux/cgroup.ts';
import { CgroupError } from './setting.ts';

/** Where a cgroup is in a hierarchy. */
export interface Place {
  /** The directory we go below, which is there. */
  readonly base: string;
  /** The directories below it, the outermost first, the cgroup itself last. */
  readonly directories: readonly string[];
  readonly leaf: string;
  /** What is ours alone, and goes with all below it. */
  readonly remove: string;
  /** A cgroup of v2 cannot have processes and controllers for its children: where ours move to from `base`. */
  readonly vacate?: string;
}

/**
 * The place of a `linux.cgroupsPath`: an absolute one is below the mount point, and only its last directory is ours; a
 * relative one is below our own cgroup and all of it is ours. In v2 our own cgroup may be one that another manager has
 * filled with processes, such as a login session: then relative paths are below the mount point, too.
 */
export function placeOf(path: string, hierarchy: Hierarchy): Place {
  const names = join('/', path).split('/').filter(Boolean);
  if (names.length === 0) throw new CgroupError(`make a cgroup: ${JSON.stringify(path)} is no path for one`);
  const belowOwn = isBelowOwn(path, hierarchy);
  const base = belowOwn ? hierarchy.own : hierarchy.mountPoint;
  const directories = names.map((_, i) => join(base, ...names.slice(0, i + 1)));
  const leaf = join(base, ...names);
  return {
    base,
    directories,
    leaf,
    remove: isRelative(path) ? join(base, names[0] ?? '') : leaf,
    ...(belowOwn && hierarchy.ownership === 'delegated' ? { vacate: join(base, SUPERVISOR) } : {}),
  };
}

/** The cgroup of the supervisor itself in a delegated unit. */
const SUPERVISOR = 'supervisor';

/** The controllers that cgroups at this place can have. */
export function controllersAt(path: string, hierarchy: Hierarchy): readonly string[] {
  return isBelowOwn(path, hierarchy) ? hierarchy.ownControllers : hierarchy.controllers;
}

function isBelowOwn(path: string, { version, ownership }: Hierarchy): boolean {
  return isRelative(path) && (version === 1 || ownership !== 'foreign');
}

function isRelative(path: string): boolean {
  return !path.startsWith('/');
}
