import { readFileSync, statSync } from 'node:fs';
import { type IdMap, parseIdMap } from './id-map.ts';

/** linux/nsfs.h: USER_NS_INIT_INO, the inode of the user namespace the kernel starts with. */
const USER_NS_INIT_INO = 0xefff_fffdn;

/** Whether root is root here. In any other user namespace it may not make devices or mount block devices, and has only the ids that are mapped. */
export function isInitialUserNamespace(): boolean {
  return statSync('/proc/self/ns/user', { bigint: true }).ino === USER_NS_INIT_INO;
}

/** The users and groups that exist in a user namespace. */
export interface NamespaceIds {
  readonly uids: IdMap;
  readonly gids: IdMap;
  /** Whether groups can be changed: not where somebody without privileges mapped a single one (CVE-2014-8989). */
  readonly canSetGroups: boolean;
}

/** Those of this process's namespace. */
export function readNamespaceIds(): NamespaceIds {
  const read = (name: string) => readFileSync(`/proc/self/${name}`, 'utf8');
  return {
    uids: parseIdMap(read('uid_map')),
    gids: parseIdMap(read('gid_map')),
    canSetGroups: read('setgroups').trim() === 'allow',
  };
}

/** Whether there is anybody but root. */
export function hasManyIds({ uids, gids }: NamespaceIds): boolean {
  return [uids, gids].every((map) => map.some(({ size }) => size > 1));
}
