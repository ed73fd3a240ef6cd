import { type Decoder, parsed } from './decode.ts';

/** A date and time as RFC 3339 writes it: `2006-01-02T15:04:05Z`, `2006-01-02T15:04:05.999+01:00`. */
export type Rfc3339 = string & { readonly __brand: 'Rfc3339' };

export const rfc3339: Decoder<Rfc3339> = parsed(
  (text) => (isRfc3339(text) ? (text as Rfc3339) : undefined),
  'an RFC 3339 date such as "2006-01-02T15:04:05Z"',
);

/** Milliseconds since 1970 (what is finer is dropped). */
export function rfc3339Time(date: Rfc3339): number {
  return Date.parse(date.replace(/(\.\d{3})\d+/, '$1'));
}

/** Date.parse knows the syntax, but rolls 30 February over into March. */
function isRfc3339(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):\d\d:\d\d(\.\d{1,20})?(?:Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null || match[4] === '24') return false;
  const [, year, month, day] = match.map(Number);
  const isDay =
    day !== undefined &&
    day >= 1 &&
    day <= new Date(Date.UTC(2000 + ((year ?? 0) % 400), month ?? 0, 0)).getUTCDate();
  return isDay && !Number.isNaN(rfc3339Time(text as Rfc3339));
}
