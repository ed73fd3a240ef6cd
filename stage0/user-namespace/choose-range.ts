import type { Uuid } from '../../schema/uuid.ts';
import { UserNamespaceError } from './namespace-error.ts';
import type { IdRange } from './private-users.ts';

/** As many ids as 16 bits can name: what images were made for. */
const COUNT = 0x1_0000;

/** The ids that systemd's convention leaves to containers (UIDS-GIDS, "Special Distribution UID ranges"): 524288 to 1879048191. */
const FIRST = 0x8_0000;
const LIMIT = 0x7000_0000;

/**
 * A range that overlaps none of those taken. The search begins at a place that the UUID says, so that pods of different data
 * directories, who know nothing of each other, hardly ever meet.
 */
export function chooseRange(uuid: Uuid, taken: readonly IdRange[]): IdRange {
  const slots = (LIMIT - FIRST) / COUNT;
  const start = Number.parseInt(uuid.slice(0, 8), 16) % slots;
  for (let i = 0; i < slots; i++) {
    const range = { first: FIRST + ((start + i) % slots) * COUNT, count: COUNT };
    if (!taken.some((other) => overlap(range, other))) return range;
  }
  throw new UserNamespaceError('private users: every range of ids is taken', 'tsrkt gc removes old pods');
}

function overlap(a: IdRange, b: IdRange): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count;
}
