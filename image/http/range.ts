import { type CacheValidators, cacheValidators } from './cache.ts';

/** The answer to a request for the rest of a file is not that rest. */
export class ContentRangeError extends Error {
  readonly code = 'ERR_HTTP_RANGE';
  constructor(why: string) {
    super(`resume download: ${why}`);
    this.name = 'ContentRangeError';
  }
}

/** So long (in milliseconds) a file has to be older than the answer it came with, for its time to tell it from a later one. */
const SETTLED_MS = 60_000;

/**
 * What tells a file from all others that its URL gives: a strong entity tag (RFC 9110 §8.8.1), or, if there is no entity tag at all
 * (§13.1.5), a Last-Modified that was no longer new when the server said it (§8.8.2.2). Undefined where there is neither.
 */
export function strongValidator(validators: Partial<CacheValidators>): string | undefined {
  const { etag, lastModified, date = '' } = validators;
  if (etag !== undefined) return /^"[^"]*"$/.test(etag) ? etag : undefined;
  if (lastModified === undefined) return undefined;
  return Date.parse(date) - Date.parse(lastModified) >= SETTLED_MS ? lastModified : undefined;
}

/** Whether bytes that came with `got` may be put together with those that came with `held`. */
export function isSameFile(held: Partial<CacheValidators>, got: Partial<CacheValidators>): boolean {
  const strong = strongValidator(held);
  return strong !== undefined && strong === (got.etag ?? got.lastModified);
}

/**
 * The headers that ask for everything from byte `offset` on, provided the file is still the one we began: `If-Range`
 * wants a strong validator (RFC 9110 §13.1.5). Without one, only content that is named by its digest may be resumed.
 */
export function rangeHeaders(offset: number, validators: Partial<CacheValidators>): Record<string, string> {
  if (offset === 0) return {};
  const range = { range: `bytes=${offset}-` };
  const strong = strongValidator(validators);
  return strong === undefined ? range : { ...range, 'if-range': strong };
}

/** What is here of a file, and what came with it. */
export interface HeldPart {
  /** Bytes from its beginning. */
  readonly offset: number;
  readonly validators: Partial<CacheValidators>;
  /** Bytes of the whole file, where the server said so. */
  readonly total?: number | undefined;
  /** Whether the content is named by its digest, so that any server's bytes go with any other's. */
  readonly isImmutable?: boolean | undefined;
}

export interface Continuation {
  /** The first byte the answer's body holds: the offset asked for, or 0 when the server starts again. */
  readonly start: number;
  /** Bytes of the whole file, where the server says so. */
  readonly total?: number;
}

interface HeaderValues {
  get(name: string): string | null;
}

/**
 * What an answer of 200 or 206 to a request for the rest of a file holds. A 206 that starts or ends elsewhere, or that does not show
 * by its validator and size that it is of the same file (a server may ignore If-Range), is refused, never appended.
 */
export function continuation(status: number, headers: HeaderValues, held: HeldPart): Continuation {
  if (status !== 206) return { start: 0, ...contentLength(headers.get('content-length')) };
  const { first, end, total } = contentRange(headers.get('content-range') ?? '');
  const { offset } = held;
  if (first !== offset) throw new ContentRangeError(`asked for byte ${offset}, got bytes from ${first} on`);
  if (total !== undefined && end !== total)
    throw new ContentRangeError(`the answer stops at byte ${end - 1} of ${total}`);
  if (offset > 0) refuseOther(held, headers, end);
  return { start: offset, ...(total === undefined ? {} : { total }) };
}

function refuseOther({ validators, total, isImmutable }: HeldPart, headers: HeaderValues, end: number): void {
  if (isImmutable) return;
  if (!isSameFile(validators, cacheValidators(headers)))
    throw new ContentRangeError('the answer does not say that it is of the same file');
  if (total !== undefined && end !== total)
    throw new ContentRangeError(`the file had ${total} bytes, and now has ${end}`);
}

interface ContentRange {
  readonly first: number;
  /** The byte after the last. */
  readonly end: number;
  readonly total?: number;
}

/** RFC 9110 §14.4; of one range, as we ask for no more. */
function contentRange(value: string): ContentRange {
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(value) ?? [];
  if (first === undefined) throw new ContentRangeError(`unreadable content-range ${JSON.stringify(value)}`);
  const range = { first: Number(first), end: Number(last) + 1 };
  return size === '*' ? range : { ...range, total: Number(size) };
}

function contentLength(value: string | null): { total?: number } {
  return value !== null && /^\d{1,15}$/.test(value) ? { total: Number(value) } : {};
}
