/** An image that cannot be had. What is not trusted is a TrustError. */
export class FetchError extends Error {
  readonly code: 'ERR_NOT_FOUND' | 'ERR_UNSUPPORTED' | 'ERR_SIGNATURE_DEFERRED' | 'ERR_KEYS_NOT_FETCHED';
  readonly hint: string | undefined;

  constructor(code: FetchError['code'], message: string, hint?: string) {
    super(message);
    this.name = 'FetchError';
    this.code = code;
    this.hint = hint;
  }
}
