/** Volumes or mounts that cannot be as they are asked for. */
export class VolumeError extends Error {
  readonly code = 'ERR_VOLUME';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
