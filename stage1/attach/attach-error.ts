export class AttachError extends Error {
  readonly code = 'ERR_ATTACH';
  readonly hint: string | undefined;
  constructor(app: string, message: string, hint?: string) {
    super(`attach to app ${JSON.stringify(app)}: ${message}`);
    this.hint = hint;
  }
}
