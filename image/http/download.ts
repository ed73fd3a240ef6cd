import { hasCode } from '../../linux/system-error.ts';
import type { Http, HttpRequest, HttpResponse } from '../http.ts';
import { BodyError } from './body.ts';
import { type CacheValidators, cacheValidators } from './cache.ts';
import {
  ContentRangeError,
  type Continuation,
  continuation,
  type HeldPart,
  isSameFile,
  rangeHeaders,
  strongValidator,
} from './range.ts';
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
  /** The validators that came with those bytes: with none that is strong, they go on only where `isImmutable`. */
  readonly validators?: Partial<CacheValidators>;
  /** Bytes of the whole file, if that was said when those came. */
  readonly total?: number | undefined;
  /** Whether the content is named by its digest, so that any server's bytes go with any other's. */
  readonly isImmutable?: boolean | undefined;
  /** The most bytes of the whole file to take, in however many parts it comes. */
  readonly maxBytes: number;
}

export interface Download {
  /** Where `bytes` begin: the offset asked for, or 0 when what is here must be thrown away. */
  readonly start: number;
  /** Bytes of the whole file, where the server says so. */
  readonly total?: number;
  readonly validators: CacheValidators;
  readonly url: URL;
  /** The bytes. A connection that breaks is taken up again where it broke; ChangedError where the file has changed by then. */
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * Begins a download, or goes on with one: a server that knows no ranges, or has another file by now, makes it start at 0.
 * Throws HttpStatusError for anything but 200 and 206.
 */
export async function startDownload(http: Http, request: DownloadRequest): Promise<Download> {
  const { response, part } = await askForRest(http, request, usablePart(request));
  if (part !== undefined) return downloadOf(http, request, { response, part });
  throw await statusError(response);
}

/** The part that is here; nothing where nothing would tell that the file is still the one we have the beginning of. */
export function usablePart(request: DownloadRequest): HeldPart {
  const { offset = 0, validators = {}, total, isImmutable } = request;
  const isUsable = isImmutable || strongValidator(validators) !== undefined;
  return isUsable ? { offset, validators, total, isImmutable } : NOTHING;
}

const NOTHING: HeldPart = { offset: 0, validators: {} };

/** An answer of a server. */
export interface RestAnswer {
  readonly response: HttpResponse;
  /** What its body is of the file; undefined for all but 200 and 206. */
  readonly part: Continuation | undefined;
}

/** Asks for what is missing, and for the whole file where the answer is not that: an unfit 206 is never appended. */
export async function askForRest(http: Http, request: HttpRequest, held: HeldPart): Promise<RestAnswer> {
  const headers = { ...request.headers, ...rangeHeaders(held.offset, held.validators) };
  const response = await http.request({ ...request, headers });
  const { status } = response;
  try {
    if (status === 200 || status === 206)
      return { response, part: continuation(status, response.headers, held) };
  } catch (error) {
    await response.discard();
    if (!(error instanceof ContentRangeError) || held.offset === 0) throw error;
    return askForRest(http, request, NOTHING);
  }
  if (status !== 416 || held.offset === 0) return { response, part: undefined };
  await response.discard();
  return askForRest(http, request, NOTHING);
}

/** The error for an answer that is no file. */
export async function statusError(response: HttpResponse): Promise<HttpStatusError> {
  await response.discard();
  return new HttpStatusError(response.url, response.status);
}

/** An answer with a file, or a part of one. */
interface FileAnswer extends RestAnswer {
  readonly part: Continuation;
}

/** The download that an answer of 200 or 206 begins. */
export function downloadOf(http: Http, request: DownloadRequest, answer: FileAnswer): Download {
  const { response, part } = answer;
  const validators = cacheValidators(response.headers);
  const total = part.total ?? (part.start > 0 ? request.total : undefined);
  const progress: Progress = { offset: part.start, validators, total, isImmutable: request.isImmutable };
  return {
    ...part,
    validators,
    url: response.url,
    bytes: resumingBytes(http, request, response, progress),
  };
}

interface Progress extends HeldPart {
  offset: number;
  readonly validators: CacheValidators;
}

async function* resumingBytes(http: Http, request: DownloadRequest, first: HttpResponse, progress: Progress) {
  let [response, skip] = [first, 0];
  for (let breaks = 0; ; breaks++) {
    const before = progress.offset;
    const broken = yield* passOn(withoutFirst(skip, response.body), request, progress);
    if (broken === undefined) return;
    if (progress.offset - before >= FAIR_PART) breaks = 0;
    const held = usablePart({ ...request, ...progress });
    if (breaks >= MAX_BREAKS || held.offset < progress.offset) throw broken;
    [response, skip] = await askAgain(http, request, progress);
  }
}

/** The answer that goes on, and how many of its bytes were passed on before. */
async function askAgain(
  http: Http,
  request: DownloadRequest,
  progress: Progress,
): Promise<[HttpResponse, number]> {
  const { response, part } = await askForRest(http, request, progress);
  if (part === undefined) throw await statusError(response);
  return [response, await overlap({ response, part }, request.url, progress)];
}

/** Passes bytes on; returns what broke the connection where that may pass. */
async function* passOn(
  body: AsyncIterable<Buffer>,
  { url, maxBytes }: DownloadRequest,
  progress: Progress,
): AsyncGenerator<Buffer, unknown> {
  try {
    for await (const chunk of body) {
      progress.offset += chunk.length;
      if (progress.offset > maxBytes)
        throw new BodyError('ERR_HTTP_TOO_LARGE', url, `more than ${maxBytes} bytes`);
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

/** Bytes of the answer we already passed on: all up to where we are when the server starts again with the same file. */
async function overlap({ response, part }: FileAnswer, url: URL, held: Progress): Promise<number> {
  const skip = held.offset - part.start;
  if (held.isImmutable || (part.start > 0 && skip === 0)) return skip;
  const got = cacheValidators(response.headers);
  const isSame = held.offset === 0 ? saysTheSame(held.validators, got) : isSameFile(held.validators, got);
  if (isSame && (part.total ?? held.total) === (held.total ?? part.total)) return skip;
  await response.discard();
  throw new ChangedError(url);
}

/** Before the first byte there is nothing to put together, but the validators were passed on. */
function saysTheSame(held: CacheValidators, got: CacheValidators): boolean {
  return held.etag === got.etag && held.lastModified === got.lastModified;
}
