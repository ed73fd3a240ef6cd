import {
  type DetachedSignature,
  MAX_SIGNATURE_FILE_BYTES,
  parseSignatures,
} from '../../trust/openpgp/signature.ts';
import { readBody } from '../http/body.ts';
import { HttpStatusError } from '../http/download.ts';
import { printableUrl } from '../http/url.ts';
import type { Http } from '../http.ts';
import { FetchError } from './fetch-error.ts';
import type { Signatures } from './import-judged.ts';
import type { FetchNotes } from './options.ts';

/** Accepted, but not there yet (RFC 9110 §15.3.3): appc's way of signing an image while it is sent. */
const DEFERRED = 202;

/** The signatures of an ACI on a server; none where it has none. A server may ask to be asked again after the image. */
export async function remoteSignatures(http: Http, url: URL, notes: FetchNotes): Promise<Signatures> {
  notes.detail(`downloading signature from ${printableUrl(url)}`);
  const signatures = await requestSignatures(http, url);
  if (signatures !== undefined) return signatures;
  notes.notice('server requested deferring the signature download');
  return async () => (await requestSignatures(http, url)) ?? deferredAgain(url);
}

function deferredAgain(url: URL): never {
  throw new FetchError(
    'ERR_SIGNATURE_DEFERRED',
    `download signature from ${printableUrl(url)}: server asked to defer the download again`,
  );
}

/** Undefined: not yet. */
async function requestSignatures(http: Http, url: URL): Promise<readonly DetachedSignature[] | undefined> {
  const response = await http.request({ url, maxBytes: MAX_SIGNATURE_FILE_BYTES });
  if (response.status === 200)
    return parseSignatures(await readBody(response.body), `signature from ${printableUrl(url)}`);
  await response.discard();
  if (response.status === DEFERRED) return undefined;
  if (response.status === 404 || response.status === 410) return [];
  throw new HttpStatusError(url, response.status);
}
