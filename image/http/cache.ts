/** What a server said about how long its answer holds and how to ask whether it changed. */
export interface CacheValidators {
  readonly etag?: string;
  readonly lastModified?: string;
  /** When the answer with that `lastModified` was made, by the same clock. */
  readonly date?: string;
  /** Seconds for which the answer may be used without asking again. */
  readonly maxAge: number;
}

interface HeaderValues {
  get(name: string): string | null;
}

/** Reads ETag, Last-Modified (with Date) and Cache-Control: `no-store` and `no-cache` mean 0, else `max-age` (RFC 9111 §5.2.2). */
export function cacheValidators(headers: HeaderValues): CacheValidators {
  const etag = printable(headers.get('etag'));
  const lastModified = printable(headers.get('last-modified'));
  const date = lastModified === undefined ? undefined : printable(headers.get('date'));
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(date === undefined ? {} : { date }),
    maxAge: maxAge(headers.get('cache-control') ?? ''),
  };
}

/** What holds after a 304: its headers take the place of those that came with the copy it is about (RFC 9111 §3.2, §4.3.4). */
export function refreshedValidators(known: Partial<CacheValidators>, headers: HeaderValues): CacheValidators {
  const { maxAge, ...fresh } = cacheValidators(headers);
  const saysHowLong = headers.get('cache-control') !== null;
  return { ...known, ...fresh, maxAge: saysHowLong ? maxAge : (known.maxAge ?? 0) };
}

/** Whether a 304 can be about the copy with these validators: it names no other entity tag (compared weakly, RFC 9110 §8.8.3.2). */
export function isAbout(headers: HeaderValues, { etag }: Partial<CacheValidators>): boolean {
  const opaque = (tag: string) => tag.replace(/^W\//, '');
  const answered = headers.get('etag');
  return etag === undefined || answered === null || opaque(answered) === opaque(etag);
}

/** Whether an answer obtained at `since` may still be used at `now` (both in milliseconds) without asking the server. */
export function isFresh(validators: CacheValidators, since: number, now: number): boolean {
  return now >= since && now - since < validators.maxAge * 1000;
}

/** The request headers that ask "only if it changed"; the server then may answer 304. */
export function conditionalHeaders(validators: Partial<CacheValidators>): Record<string, string> {
  if (validators.etag !== undefined) return { 'if-none-match': validators.etag };
  if (validators.lastModified !== undefined) return { 'if-modified-since': validators.lastModified };
  return {};
}

function maxAge(cacheControl: string): number {
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map((text) => text.trim());
  if (directives.some((text) => text === 'no-store' || text === 'no-cache')) return 0;
  for (const text of directives) {
    const seconds = /^max-age="?(\d{1,9})"?$/.exec(text)?.[1];
    if (seconds !== undefined) return Number(seconds);
  }
  return 0;
}

/** A header value short and clean enough to be kept and sent back. */
function printable(value: string | null): string | undefined {
  return value !== null && /^[\x20-\x7e]{1,256}$/.test(value) ? value : undefined;
}
