/** Why something is not trusted; each is one clear case, tested by name. */
export type TrustCode =
  | 'ERR_SIGNATURE_FORMAT'
  | 'ERR_SIGNATURE_TOO_LARGE'
  | 'ERR_SIGNATURE_TOO_MANY'
  | 'ERR_SIGNATURE_UNSUPPORTED'
  | 'ERR_SIGNATURE_TYPE'
  | 'ERR_SIGNATURE_HASH'
  | 'ERR_SIGNATURE_MISMATCH'
  | 'ERR_SIGNATURE_FUTURE'
  | 'ERR_SIGNATURE_EXPIRED'
  | 'ERR_SIGNATURE_IDENTITY'
  | 'ERR_SIGNATURE_DIGEST'
  | 'ERR_SIGNATURE_BUNDLE'
  | 'ERR_KEY_UNKNOWN'
  | 'ERR_KEY_AMBIGUOUS'
  | 'ERR_KEY_FORMAT'
  | 'ERR_KEY_TOO_LARGE'
  | 'ERR_KEY_PRIVATE'
  | 'ERR_KEY_FINGERPRINT'
  | 'ERR_KEY_FILE'
  | 'ERR_KEY_INVALID'
  | 'ERR_KEY_WEAK'
  | 'ERR_KEY_USAGE'
  | 'ERR_KEY_REVOKED'
  | 'ERR_KEY_EXPIRED'
  | 'ERR_POLICY'
  | 'ERR_POLICY_REJECT'
  | 'ERR_NOT_SIGNED'
  | 'ERR_NOT_TRUSTED'
  | 'ERR_DOWNGRADE'
  | 'ERR_BAD_NAME'
  | 'ERR_BAD_RECORD'
  | 'ERR_BAD_LOOKASIDE'
  | 'ERR_OPENPGP_LIBRARY';

/** An expected refusal: one sentence that names the key or file and the reason. */
export class TrustError extends Error {
  readonly code: TrustCode;
  readonly hint?: string;

  constructor(code: TrustCode, message: string, hint?: string) {
    super(message);
    this.name = 'TrustError';
    this.code = code;
    if (hint !== undefined) this.hint = hint;
  }
}
