import { hasCode } from '../../linux/system-error.ts';

/** A file that belongs to somebody who does not exist in this user namespace. */
export class OwnerError extends Error {
  readonly code = 'ERR_OWNER';
  readonly hint = 'the ids an ordinary user has are those of /etc/subuid and /etc/subgid';

  constructor(owner: Owner) {
    super(
      `a file of the image belongs to user ${owner.uid} and group ${owner.gid}, whom you have no ids for`,
    );
  }
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Gives a file to somebody; `chown` is the call that does it. */
export function giveTo(owner: Owner, chown: (uid: number, gid: number) => void): void {
  try {
    chown(owner.uid, owner.gid);
  } catch (error) {
    // the id is not mapped (chown(2) of a user namespace)
    throw hasCode(error, 'EINVAL') ? new OwnerError(owner) : error;
  }
}
