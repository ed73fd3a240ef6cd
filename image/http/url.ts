import { decodePercent } from '../reference/percent.ts';

/** A URL as it may be printed or logged: without user, password, query or fragment (which often carry signatures). */
export function printableUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Whether two URLs have the same scheme, host and port: the only case in which credentials may follow from one to the other. */
export function isSameOrigin(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host;
}

/** Splits `https://user:password@host/` into the URL without them and the Basic credentials they stand for. */
export function takeUserInfo(url: URL): { url: URL; authorization?: string } {
  if (url.username === '' && url.password === '') return { url };
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const decode = (text: string) => decodePercent(text) ?? text;
  const pair = `${decode(url.username)}:${decode(url.password)}`;
  return { url: bare, authorization: basicAuthorization(pair) };
}

/** The `Authorization` value for `user:password` (RFC 7617). */
export function basicAuthorization(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
