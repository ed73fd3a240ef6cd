import { printableUrl } from './url.ts';

/** What TLS calls a certificate it does not trust. */
const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_\w+)$/;

/** No answer came: the name is unknown, the connection was refused or broke, or TLS failed. `code` is the cause's. */
export class ConnectionError extends Error {
  readonly code: string;
  readonly hint?: string;
  constructor(url: URL, cause: unknown) {
    const { message, code } = cause as NodeJS.ErrnoException;
    // node-fetch's own message repeats the whole URL, with what may be secret in its query.
    super(
      `fetch ${printableUrl(url)}: ${message.replace(/^(?:request to|Invalid response body while trying to fetch) \S+?(?: failed, reason)?: /, '')}`,
      { cause },
    );
    this.name = 'ConnectionError';
    this.code = code ?? 'ERR_HTTP_CONNECTION';
    if (UNTRUSTED.test(this.code))
      this.hint = 'name your own authority with SSL_CERT_FILE, or accept any with --insecure-options=tls';
  }
}
