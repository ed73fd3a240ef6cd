import { futimesSync } from 'node:fs';
import { libc } from './call.ts';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from './fcntl.ts';
import { words } from './words.ts';

const SECOND = 1_000_000_000n;

/** futimens(3): sets both times of an open file, in nanoseconds since 1970. */
export function setTimes(fd: number, nanoseconds: bigint): void {
  const seconds = Number(nanoseconds / SECOND);
  if (nanoseconds >= 0n && nanoseconds % SECOND === 0n)
    futimesSync(fd, seconds, seconds); // the same, faster; exact for whole seconds, and not "now"
  else libc('futimens', [fd, timespecs(nanoseconds)], 'set times');
}

/** utimensat(2): sets both times of a file that is not followed if it is a symbolic link; `path` ends with NUL. */
export function setLinkTimes(path: Uint8Array, nanoseconds: bigint): void {
  libc('utimensat', [AT_FDCWD, path, timespecs(nanoseconds), AT_SYMLINK_NOFOLLOW], 'set times');
}

/** struct timespec[2], access and modification: tv_sec, and tv_nsec from 0 to 999 999 999 also before 1970. */
export function timespecs(nanoseconds: bigint): Buffer {
  const rest = ((nanoseconds % SECOND) + SECOND) % SECOND;
  const seconds = (nanoseconds - rest) / SECOND;
  return words([seconds, rest, seconds, rest]);
}
