import { isIP } from 'node:net';

/**
 * Whether credentials for a registry may be sent to a token server: the same host, or one under the same registrable
 * domain (`registry-1.docker.io` and `auth.docker.io`). Without a list of public suffixes, a second level of at most three
 * letters below a country's two (`co.uk`) counts as one.
 */
export function isSameSite(a: string, b: string): boolean {
  return a === b || (registrableDomain(a) !== undefined && registrableDomain(a) === registrableDomain(b));
}

function registrableDomain(hostname: string): string | undefined {
  const labels = hostname.toLowerCase().split('.');
  if (labels.length < 2 || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  const isCountrySuffix = labels.at(-1)?.length === 2 && (labels.at(-2)?.length ?? 0) <= 3;
  const count = isCountrySuffix ? 3 : 2;
  return labels.length >= count ? labels.slice(-count).join('.') : undefined;
}
