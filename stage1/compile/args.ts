import { AT_FDCWD, O_CLOEXEC, O_PATH } from '../../linux/fcntl.ts';
import { openHow, RESOLVE } from '../../linux/openat2.ts';
import { type Arg, type Step, struct, text } from '../program/step.ts';

/** The current directory in place of a directory's fd. */
export const CWD: Arg = { value: AT_FDCWD, shown: 'AT_FDCWD' };

/** A number that reads better otherwise, e.g. a mode in octal. */
export const shown = (value: number, as: string): Arg => ({ value, shown: as });

export const octal = (mode: number): Arg => shown(mode, `0${mode.toString(8)}`);

/** How openInRoot resolves: links are followed inside the root, or are errors. Magic links (/proc/PID/fd/N) always are. */
export type Links = 'follow' | 'refuse';

/**
 * openat2(2) of a path as a place (O_PATH), once the root has been pivoted: nothing the image contains leads out, not even
 * a link into /proc/self/fd.
 */
export function openPlace(
  directory: Arg,
  path: string,
  links: Links,
  step: Omit<Step, 'call' | 'args'>,
): Step {
  const resolve = RESOLVE.NO_MAGICLINKS | (links === 'refuse' ? RESOLVE.NO_SYMLINKS : 0);
  const bytes = openHow({ flags: O_PATH | O_CLOEXEC, resolve });
  const how = `{flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS${links === 'refuse' ? '|RESOLVE_NO_SYMLINKS' : ''}}`;
  return { call: 'openat2', args: [directory, text(path), struct(bytes, how), bytes.length], ...step };
}

/** Always fails, so that with `tolerate` and `skip` it is a jump over the following steps. */
export function jump(skip: number): Step {
  return { call: 'close', args: [-1], tolerate: 'any', skip };
}
