import type { Http } from '../http.ts';
import { type CacheValidators, cacheValidators, conditionalHeaders } from './cache.ts';
import {
  type Download,
  type DownloadRequest,
  downloadOf,
  HttpStatusError,
  startDownload,
  usableOffset,
} from './download.ts';
import { rangeHeaders } from './range.ts';

/** What a server answers to a request for an ACI or its signature. */
export type AciAnswer =
  | { readonly kind: 'content'; readonly download: Download }
  /** 304: what is in the store is what the server has; the validators hold from now on. */
  | { readonly kind: 'unchanged'; readonly validators: CacheValidators }
  /** 202: ask again later (rkt's deferred signatures: after the image was fetched). */
  | { readonly kind: 'deferred' };

export interface AciRequest extends DownloadRequest {
  /** What came with the copy in the store: with it, the server may say that nothing changed. */
  readonly stored?: Partial<CacheValidators>;
}

const ACCEPT = 'application/vnd.rkt.aci, application/octet-stream, */*;q=0.5';

/** Asks for an ACI, or the rest of one, or whether it changed. Throws HttpStatusError for other answers. */
export async function fetchAci(http: Http, request: AciRequest): Promise<AciAnswer> {
  const offset = usableOffset(request);
  const headers = {
    accept: ACCEPT,
    ...request.headers,
    ...rangeHeaders(offset, request.validators ?? {}),
    ...(offset === 0 ? conditionalHeaders(request.stored ?? {}) : {}),
  };
  const response = await http.request({ ...request, headers });
  if (response.status === 200 || response.status === 206)
    return { kind: 'content', download: downloadOf(http, request, response) };
  await response.discard();
  if (response.status === 304) return { kind: 'unchanged', validators: cacheValidators(response.headers) };
  if (response.status === 202) return { kind: 'deferred' };
  if (response.status === 416)
    return { kind: 'content', download: await startDownload(http, { ...request, offset: 0 }) };
  throw new HttpStatusError(response.url, response.status);
}
