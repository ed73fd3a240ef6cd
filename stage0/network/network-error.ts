/** Networks or ports asked for that cannot be had. */
export class NetworkError extends Error {
  readonly code = 'ERR_NETWORK';
  readonly hint?: string;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'NetworkError';
    if (hint !== undefined) this.hint = hint;
  }
}
