/** A stage1 that is not to be had, or not to be executed. */
export class Stage1Error extends Error {
  readonly code = 'ERR_STAGE1';
  readonly hint: string;

  constructor(
    message: string,
    { hint = '--stage1-path=PATH names another', ...options }: Stage1ErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'Stage1Error';
    this.hint = hint;
  }
}

interface Stage1ErrorOptions extends ErrorOptions {
  readonly hint?: string;
}
