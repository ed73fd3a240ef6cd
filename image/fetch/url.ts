import { createHash } from 'node:crypto';
import { rfc3339, rfc3339Time } from '../../schema/rfc3339.ts';
import { refuseHopeless } from '../../trust/refuse-early.ts';
import { type CacheValidators, conditionalHeaders, isFresh } from '../http/cache.ts';
import { type Download, HttpStatusError, startDownload } from '../http/download.ts';
import { printableUrl } from '../http/url.ts';
import type { Http } from '../http.ts';
import type { BlobSource } from '../store/blob.ts';
import { blobFile, type Store } from '../store/layout.ts';
import { findRemote, keepRemote, type RemoteImage } from '../store/remote.ts';
import { claimTemporary } from '../store/temporary.ts';
import { importJudged, type Signatures } from './import-judged.ts';
import type { FetchedImage, FetchNotes, FetchOptions, WantedImage } from './options.ts';
import { remoteSignatures } from './remote-signatures.ts';
import { readSignatureFile } from './signature-file.ts';
import { judgeStored, notInStore } from './stored.ts';

/** An ACI on a server, and where its signature is. */
export interface WantedUrl extends WantedImage {
  readonly url: URL;
  readonly signatureUrl: URL;
}

/** The most bytes of an image that are taken. */
const MAX_IMAGE = 64 * 2 ** 30;

/**
 * Brings an ACI from a server into the store: the signature first, so that what cannot be accepted is not downloaded at all. What
 * the store has of this URL is used as the pull policy says; `update` asks the server whether it changed.
 */
export async function fetchUrl(
  store: Store,
  wanted: WantedUrl,
  http: Http,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { url, reference } = wanted;
  using _alone = await claimTemporary(store, `fetch-${createHash('sha256').update(url.href).digest('hex')}`);
  const known = findRemote(store, url);
  if (known !== undefined && isCurrent(known, options)) {
    options.notes.detail(`image for ${reference} isn't expired, not fetching.`);
    return judgeStored(store, known.image, wanted, options);
  }
  if (options.pullPolicy === 'never') throw notInStore(wanted);
  const signatures = await signaturesOf(wanted, http, options);
  const { source, validators } = await askFor(store, url, known, { http, notes: options.notes });
  const image = await importJudged(store, { ...wanted, source, signatures }, options);
  const { id, record } = image;
  const asked = rfc3339(new Date().toISOString());
  keepRemote(store, { ...validators, url: url.href, image: id, blob: record.blob, asked });
  return image;
}

function isCurrent({ record }: RemoteImage, { pullPolicy }: FetchOptions): boolean {
  return pullPolicy !== 'update' || isFresh(record, rfc3339Time(record.asked), Date.now());
}

async function signaturesOf(wanted: WantedUrl, http: Http, options: FetchOptions): Promise<Signatures> {
  if (options.insecureImage) return [];
  const { reference: request, identity, signatureFile, signatureUrl } = wanted;
  const signatures =
    signatureFile === undefined
      ? await remoteSignatures(http, signatureUrl, options.notes)
      : await readSignatureFile(signatureFile);
  if (typeof signatures !== 'function')
    await refuseHopeless({ request, name: identity?.name }, signatures, options.trust());
  return signatures;
}

interface Answer {
  readonly source: BlobSource;
  readonly validators: CacheValidators;
}

/** The image's bytes: from the server, or those in the store if it says that they have not changed. */
async function askFor(
  store: Store,
  url: URL,
  known: RemoteImage | undefined,
  { http, notes }: { readonly http: Http; readonly notes: FetchNotes },
): Promise<Answer> {
  notes.detail(`remote fetching from URL ${printableUrl(url)}`);
  const headers = known === undefined ? {} : conditionalHeaders(known.record);
  try {
    const download = await startDownload(http, { url, headers, maxBytes: MAX_IMAGE });
    return { source: { chunks: watched(download, notes) }, validators: download.validators };
  } catch (error) {
    const isUnchanged = error instanceof HttpStatusError && error.status === 304;
    if (known === undefined || !isUnchanged) throw error;
    return { source: { path: blobFile(store, known.record.blob) }, validators: known.record };
  }
}

async function* watched({ bytes, total }: Download, notes: FetchNotes): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const chunk of bytes) {
    done += chunk.length;
    notes.progress('Downloading ACI', done, total);
    yield chunk;
  }
  notes.progress('Downloading ACI', done, done);
}
