import type { IdMap } from '../../linux/id-map.ts';
import { parseSubordinateIds, rangesOf, type SubordinateRange } from '../../linux/subordinate-ids.ts';

/** An ordinary user who wants to be root of a user namespace, and the files that say what ids they have. */
export interface MapRequest {
  readonly uid: number;
  readonly gid: number;
  /** The login name, where there is one. */
  readonly name: string | undefined;
  /** The texts of /etc/subuid and /etc/subgid. */
  readonly subuid: string;
  readonly subgid: string;
}

/** The ids of a user namespace. */
export interface IdMaps {
  readonly uids: IdMap;
  readonly gids: IdMap;
}

/** The user becomes root, and the ids they were given become those from 1 on. Without ids of both kinds nobody but root is there. */
export function planMaps(request: MapRequest): IdMaps {
  const { uid, gid, subuid, subgid } = request;
  const uids = rangesOf(parseSubordinateIds(subuid), request);
  const gids = rangesOf(parseSubordinateIds(subgid), request);
  const hasBoth = uids.length > 0 && gids.length > 0;
  return { uids: mapTo(uid, hasBoth ? uids : []), gids: mapTo(gid, hasBoth ? gids : []) };
}

/** Whether it takes newuidmap and newgidmap to write these maps: anybody may map themselves. */
export function needHelpers({ uids, gids }: IdMaps): boolean {
  return uids.length > 1 || gids.length > 1;
}

function mapTo(own: number, ranges: readonly SubordinateRange[]): IdMap {
  let next = 1;
  const given = ranges.map(({ first, count }) => {
    const mapping = { containerID: next, hostID: first, size: count };
    next += count;
    return mapping;
  });
  return [{ containerID: 0, hostID: own, size: 1 }, ...given];
}
