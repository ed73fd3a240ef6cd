/** A network that cannot be set up or taken down: `set up network "default": plugin "ptp": …`. */
export class NetworkError extends Error {
  readonly code = 'ERR_NETWORK';
  readonly hint?: string;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'NetworkError';
    if (hint !== undefined) this.hint = hint;
  }
}
