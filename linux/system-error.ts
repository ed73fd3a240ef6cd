import { errnoName, strerror } from './libc.ts';

/**
 * A system call that failed: `mount proc on /proc: EPERM (Operation not permitted)`.
 * `code` is the errno's name and `errno` its positive number, so it looks like Node's own errors to a `catch`.
 */
export class SystemError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly hint?: string;

  constructor(what: string, errno: number, hint?: string) {
    const code = errnoName(errno);
    super(`${what}: ${code} (${strerror(errno)})`);
    this.name = 'SystemError';
    this.code = code;
    this.errno = errno;
    if (hint !== undefined) this.hint = hint;
  }
}

/** Whether `error` carries this `code` (an errno name such as `ENOENT`, or one of our own). */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes(String((error as NodeJS.ErrnoException).code));
}
