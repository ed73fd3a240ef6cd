import type { CacheValidators } from './cache.ts';

/** The answer to a request for the rest of a file is not that rest. */
export class ContentRangeError extends Error {
  readonly code = 'ERR_HTTP_RANGE';
  constructor(why: string) {
    super(`resume download: ${why}`);
    this.name = 'ContentRangeError';
  }
}

/**
 * The headers that ask for everything from byte `offset` on, provided the file is still the one we began: `If-Range`
 * wants a strong validator (RFC 9110 §13.1.5). Without one, only content that is named by its digest may be resumed.
 */
export function rangeHeaders(offset: number, validators: Partial<CacheValidators>): Record<string, string> {
  if (offset === 0) return {};
  const range = { range: `bytes=${offset}-` };
  if (validators.etag !== undefined && !validators.etag.startsWith('W/'))
    return { ...range, 'if-range': validators.etag };
  if (validators.lastModified !== undefined) return { ...range, 'if-range': validators.lastModified };
  return range;
}

export interface Continuation {
  /** The first byte the answer's body holds: the offset asked for, or 0 when the server starts again. */
  readonly start: number;
  /** Bytes of the whole file, where the server says so. */
  readonly total?: number;
}

/** What an answer of 200 or 206 to a request for `offset` holds. A 206 that starts elsewhere is refused, never appended. */
export function continuation(
  status: number,
  headers: { get(name: string): string | null },
  offset: number,
): Continuation {
  if (status !== 206) return { start: 0, ...contentLength(headers.get('content-length')) };
  const value = headers.get('content-range') ?? '';
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(value) ?? [];
  if (first === undefined) throw new ContentRangeError(`unreadable content-range ${JSON.stringify(value)}`);
  if (Number(first) !== offset)
    throw new ContentRangeError(`asked for byte ${offset}, got bytes from ${first} on`);
  if (size === '*') return { start: offset };
  if (Number(last) + 1 !== Number(size))
    throw new ContentRangeError(`the answer stops at byte ${last} of ${size}`);
  return { start: offset, total: Number(size) };
}

function contentLength(value: string | null): { total?: number } {
  return value !== null && /^\d{1,15}$/.test(value) ? { total: Number(value) } : {};
}
