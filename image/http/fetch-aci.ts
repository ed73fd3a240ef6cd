import type { Http } from '../http.ts';
import { type CacheValidators, conditionalHeaders, isAbout, refreshedValidators } from './cache.ts';
import {
  askForRest,
  type Download,
  type DownloadRequest,
  downloadOf,
  statusError,
  usablePart,
} from './download.ts';

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
  const held = usablePart(request);
  const asked = { ...request, headers: { accept: ACCEPT, ...request.headers } };
  const condition = held.offset === 0 ? conditionalHeaders(request.stored ?? {}) : {};
  const conditional = { ...asked, headers: { ...asked.headers, ...condition } };
  const { response, part } = await askForRest(http, conditional, held);
  if (part !== undefined) return { kind: 'content', download: downloadOf(http, asked, { response, part }) };
  const { status, headers } = response;
  const isAnswered = status === 304 && Object.keys(condition).length > 0;
  if (status !== 202 && !isAnswered) throw await statusError(response);
  await response.discard();
  if (!isAnswered) return { kind: 'deferred' };
  const { stored = {}, ...anew } = request;
  if (!isAbout(headers, stored)) return await fetchAci(http, anew);
  return { kind: 'unchanged', validators: refreshedValidators(stored, headers) };
}
