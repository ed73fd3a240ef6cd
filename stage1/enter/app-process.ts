import { readFileSync, statSync } from 'node:fs';
import { parseHierarchies, readHierarchies } from '../../linux/cgroup.ts';
import { NAMESPACES, type NamespaceType } from '../../linux/namespace.ts';

/** What a process is in that we are not. */
export interface Surroundings {
  /** Its namespaces that are not ours. */
  readonly namespaces: readonly NamespaceType[];
  /** The directories of its cgroups that are not ours. */
  readonly cgroups: readonly string[];
}

/** Looks at a process of ours or of our user namespaces. */
export function surroundingsOf(pid: number): Surroundings {
  const types = Object.keys(NAMESPACES) as NamespaceType[];
  return { namespaces: types.filter((type) => isForeign(pid, type)), cgroups: foreignCgroups(pid) };
}

function isForeign(pid: number, type: NamespaceType): boolean {
  const inode = (who: string) =>
    statSync(`/proc/${who}/ns/${NAMESPACES[type].file}`, { bigint: true, throwIfNoEntry: false })?.ino;
  return inode('self') !== inode(`${pid}`);
}

function foreignCgroups(pid: number): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const own = new Set(readHierarchies().map((hierarchy) => hierarchy.own));
  return parseHierarchies(mounts, readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
    .map((hierarchy) => hierarchy.own)
    .filter((directory) => !own.has(directory));
}
