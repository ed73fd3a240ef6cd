import { hasCode } from '../../linux/system-error.ts';
import type { Http, HttpRequest, HttpResponse } from '../http.ts';
import type { CacheValidators } from './cache.ts';
import { cacheValidators } from './cache.ts';
import { continuation, rangeHeaders } from './range.ts';
import { isPassingFailure } from './retry.ts';
import { printableUrl } from './url.ts';

/** How often one download goes on after its connection broke without a fair part of it (in bytes) in between. */
const MAX_BREAKS = 4;
const FAIR_PART = 1 << 20;

/** A server whose answer is no file: `status` is what it said instead. */
export class HttpStatusError extends Error {
  readonly code = 'ERR_HTTP_STATUS';
  readonly status: number;
  constructor(url: URL, status: number) {
    super(`fetch ${printableUrl(url)}: bad HTTP status code: ${status}`);
    this.name = 'HttpStatusError';
    this.status = status;
  }
}

/** A file that changed on the server while we were fetching it. */
export class ChangedError extends Error {
  readonly code = 'ERR_HTTP_CHANGED';
  constructor(url: URL) {
    super(`fetch ${printableUrl(url)}: it changed on the server while it was being downloaded`);
    this.name = 'ChangedError';
  }
}

export interface DownloadRequest extends HttpRequest {
  /** Bytes already here from an earlier attempt (default 0). */
  readonly offset?: number;
  /** The validators that came with those bytes: with none, they go on only where `isImmutable`. */
  readonly validators?: Partial<CacheValidators>;
  /** Whether the content is named by its digest, so that any server's bytes go with any other's. */
  readonly isImmutable?: boolean;
}

export interface Download {
  /** Where `bytes` begin: the offset asked for, or 0 when what is here must be thrown away. */
  readonly start: number;
  /** Bytes of the whole file, where the server says so. */
  readonly total?: number;
  readonly validators: CacheValidators;
  readonly url: URL;
  /** The bytes. A connection that breaks is taken up again where it broke. */
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * Begins a download, or goes on with one: a server that knows no ranges, or has another file by now, makes it start at 0.
 * Throws HttpStatusError for anything but 200 and 206.
 */
export async function startDownload(http: Http, request: DownloadRequest): Promise<Download> {
  const offset = usableOffset(request);
  return downloadOf(http, request, await requestFrom(http, request, offset, request.validators ?? {}));
}

/** The offset to ask for: 0 where nothing would tell that the file is still the one we have the beginning of. */
export function usableOffset({ offset = 0, validators = {}, isImmutable = false }: DownloadRequest): number {
  const hasValidator = Object.hasOwn(rangeHeaders(1, validators), 'if-range');
  return isImmutable || hasValidator ? offset : 0;
}

/** The download that an answer of 200 or 206 begins. */
export function downloadOf(http: Http, request: DownloadRequest, response: HttpResponse): Download {
  const { start, total } = continuation(response.status, response.headers, usableOffset(request));
  const validators = cacheValidators(response.headers);
  return {
    start,
    ...(total === undefined ? {} : { total }),
    validators,
    url: response.url,
    bytes: resumingBytes(http, request, response, { position: start, validators }),
  };
}

interface Progress {
  position: number;
  readonly validators: CacheValidators;
}

async function* resumingBytes(http: Http, request: DownloadRequest, first: HttpResponse, progress: Progress) {
  let response = first;
  let skip = 0;
  for (let breaks = 0; ; breaks++) {
    const before = progress.position;
    const broken = yield* passOn(withoutFirst(skip, response.body), progress);
    if (broken === undefined) return;
    if (progress.position - before >= FAIR_PART) breaks = 0;
    if (breaks >= MAX_BREAKS) throw broken;
    response = await requestFrom(http, request, progress.position, progress.validators);
    skip = overlap(response, request, progress);
  }
}

/** Passes bytes on; returns what broke the connection where that may pass. */
async function* passOn(body: AsyncIterable<Buffer>, progress: Progress): AsyncGenerator<Buffer, unknown> {
  try {
    for await (const chunk of body) {
      progress.position += chunk.length;
      yield chunk;
    }
    return undefined;
  } catch (error) {
    if (isPassingFailure(error) || hasCode(error, 'ERR_HTTP_TIMEOUT')) return error;
    throw error;
  }
}

async function* withoutFirst(count: number, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let skip = count;
  for await (const chunk of body) {
    if (chunk.length > skip) yield chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}

/** Bytes of the answer we already passed on: all up to the position when the server starts again with the same file. */
function overlap(
  response: HttpResponse,
  request: DownloadRequest,
  { position, validators }: Progress,
): number {
  const { start } = continuation(response.status, response.headers, position);
  if (start === position || request.isImmutable) return position - start;
  const { etag } = cacheValidators(response.headers);
  if (etag === undefined || etag !== validators.etag) throw new ChangedError(request.url);
  return position - start;
}

/** Sends the request for everything from `offset` on; a range the server cannot satisfy is asked for again from 0. */
async function requestFrom(
  http: Http,
  request: DownloadRequest,
  offset: number,
  validators: Partial<CacheValidators>,
): Promise<HttpResponse> {
  const headers = { ...request.headers, ...rangeHeaders(offset, validators) };
  const response = await http.request({ ...request, headers });
  if (response.status === 200 || response.status === 206) return response;
  await response.discard();
  if (response.status === 416 && offset > 0) return requestFrom(http, request, 0, {});
  throw new HttpStatusError(response.url, response.status);
}
