import { libc } from './call.ts';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from './fcntl.ts';
import { words } from './words.ts';

/** futimens(3): sets both times of an open file, in nanoseconds since 1970. */
export function setTimes(fd: number, nanoseconds: bigint): void {
  libc('futimens', [fd, timespecs(nanoseconds)], 'set times');
}

/** utimensat(2): sets both times of a file that is not followed if it is a symbolic link; `path` ends with NUL. */
export function setLinkTimes(path: Uint8Array, nanoseconds: bigint): void {
  libc('utimensat', [AT_FDCWD, path, timespecs(nanoseconds), AT_SYMLINK_NOFOLLOW], 'set times');
}

const SECOND = 1_000_000_000n;

/** struct timespec[2], access and modification: tv_sec, and tv_nsec from 0 to 999 999 999 also before 1970. */
export function timespecs(nanoseconds: bigint): Buffer {
  const rest = ((nanoseconds % SECOND) + SECOND) % SECOND;
  const seconds = (nanoseconds - rest) / SECOND;
  return words([seconds, rest, seconds, rest]);
}
