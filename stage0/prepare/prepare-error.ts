/** An image that cannot become an app of a pod. */
export class PrepareError extends Error {
  readonly code = 'ERR_PREPARE';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
