/** A command that root alone can carry out. */
export class UnprivilegedError extends Error {
  readonly code = 'ERR_UNPRIVILEGED';
  readonly hint = 'run it as root: pods of ordinary users are not supported yet';

  constructor() {
    super('cannot run as unprivileged user');
  }
}

/** Refuses to go on as an ordinary user. */
export function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new UnprivilegedError();
}
