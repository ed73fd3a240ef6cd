import { join } from 'node:path';
import type { Pod } from '../pod/open.ts';
import { findStage1 } from '../run/become-stage1.ts';
import { allocateRange } from './allocate-range.ts';
import { whyNotIdmapped } from './can-idmap.ts';
import type { PrivateUsers } from './private-users.ts';

export interface PrivateUsersRequest {
  readonly dataDirectory: string;
  /** `--private-users`. */
  readonly privateUsers: boolean;
  readonly onWarning: (warning: string) => void;
}

/** Gives a pod that is being prepared ids of its own, where that was asked for. */
export function givePrivateUsers(
  pod: Pod,
  { dataDirectory, privateUsers, onWarning }: PrivateUsersRequest,
): PrivateUsers | undefined {
  if (!privateUsers) return undefined;
  const why = whyNotIdmapped(findStage1(), join(dataDirectory, 'pods'));
  if (why !== undefined)
    onWarning(`${why}: files are copied and given to the pod's ids instead, as with --no-overlay`);
  return allocateRange(dataDirectory, pod, why === undefined);
}
