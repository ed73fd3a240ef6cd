/** Something that root of a user namespace cannot have. */
export class UserNamespaceError extends Error {
  readonly code = 'ERR_USER_NAMESPACE';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
