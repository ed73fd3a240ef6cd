import { callInt } from './libc.ts';

/** Who owns new files. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Calls `make` as somebody else in the eyes of file systems (setfsuid(2), of this thread): what it makes is theirs, and may
 * be made only where they may. On a mount with mapped ids root itself can make nothing where it has no id (EOVERFLOW).
 */
export function asFileOwner<T>({ uid, gid }: FileOwner, make: () => T): T {
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  if (uid === own.uid && gid === own.gid) return make();
  callInt('setfsgid', [gid]);
  callInt('setfsuid', [uid]);
  try {
    return make();
  } finally {
    callInt('setfsuid', [own.uid]);
    callInt('setfsgid', [own.gid]);
  }
}
