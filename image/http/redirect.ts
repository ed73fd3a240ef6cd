import { isSameOrigin, printableUrl } from './url.ts';

/** The most redirects followed for one request. */
export const MAX_REDIRECTS = 5;

/** A redirect that is not followed: too many, to nowhere, or from https to http. */
export class RedirectError extends Error {
  readonly code = 'ERR_HTTP_REDIRECT';
  constructor(from: URL, why: string) {
    super(`follow redirect from ${printableUrl(from)}: ${why}`);
    this.name = 'RedirectError';
  }
}

/** Whether a status asks for another URL (RFC 9110 §15.4); 304 and 300 do not. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

export interface Hop {
  readonly url: URL;
  /** Whether the request's credentials may be sent there as well. */
  readonly keepsCredentials: boolean;
}

/**
 * Where a redirect leads. Never from https to http unless `allowHttp` (CVE-2014-5277), never to another scheme,
 * and credentials stay with the very origin they were meant for, port included.
 */
export function nextHop(from: URL, location: string | null, allowHttp: boolean): Hop {
  if (location === null) throw new RedirectError(from, 'the server names no location');
  if (!URL.canParse(location, from.href)) throw new RedirectError(from, 'the location is not a URL');
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new RedirectError(from, `it leads to the scheme "${url.protocol}"`);
  if (from.protocol === 'https:' && url.protocol === 'http:' && !allowHttp)
    throw new RedirectError(from, `it leads from https to ${printableUrl(url)}`);
  return { url, keepsCredentials: isSameOrigin(from, url) };
}
