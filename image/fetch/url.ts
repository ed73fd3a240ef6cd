import { createHash } from 'node:crypto';
import { rfc3339, rfc3339Time } from '../../schema/rfc3339.ts';
import { refuseHopeless } from '../../trust/refuse-early.ts';
import { TrustError } from '../../trust/trust-error.ts';
import { type CacheValidators, isFresh } from '../http/cache.ts';
import { type Download, HttpStatusError } from '../http/download.ts';
import { fetchAci } from '../http/fetch-aci.ts';
import { printableUrl } from '../http/url.ts';
import type { Http } from '../http.ts';
import type { BlobSource } from '../store/blob.ts';
import { blobFile, type Store } from '../store/layout.ts';
import { claimPartialDownload, discardPartial, type PartialDownload } from '../store/partial-download.ts';
import { findRemote, keepRemote, type RemoteImage, validatorsOf } from '../store/remote.ts';
import { claimTemporary } from '../store/temporary.ts';
import { importJudged, type Signatures } from './import-judged.ts';
import type { FetchedImage, FetchNotes, FetchOptions, WantedImage } from './options.ts';
import { remoteSignatures } from './remote-signatures.ts';
import { readSignatureFile } from './signature-file.ts';
import { judgeStored, notInStore } from './stored.ts';
import { waitingNotice } from './waiting-notice.ts';

/** An ACI on a server, and where its signature is. */
export interface WantedUrl extends WantedImage {
  readonly url: URL;
  readonly signatureUrl: URL;
}

/** The most bytes of an image that are taken. */
const MAX_IMAGE = 64 * 2 ** 30;

/**
 * Brings an ACI from a server into the store: the signature first, so that what cannot be accepted is not downloaded at all. What
 * the store has of this URL is used as the pull policy says; `update` asks the server whether it changed. Who else fetches the same
 * URL meanwhile waits, and takes what came if that is accepted.
 */
export async function fetchUrl(
  store: Store,
  wanted: WantedUrl,
  http: Http,
  options: FetchOptions,
): Promise<FetchedImage> {
  const { url } = wanted;
  let waitingSince: number | undefined;
  using _alone = await claimTemporary(
    store,
    `fetch-${createHash('sha256').update(url.href).digest('hex')}`,
    () => {
      waitingSince = Date.now();
      waitingNotice(options.notes)(printableUrl(url));
    },
  );
  const known = findRemote(store, url);
  const found = known && (await takeKnown(store, known, { ...wanted, waitingSince }, options));
  if (found !== undefined) return found;
  if (options.pullPolicy === 'never') throw notInStore(wanted);
  const signatures = await signaturesOf(wanted, http, options);
  using partial = await claimPartialDownload(store, url);
  const { source, validators } = await askFor(store, { url, known, partial }, { http, notes: options.notes });
  const image = await importJudged(store, { ...wanted, source, signatures }, options);
  keepRemote(store, url, {
    ...withoutDate(validators),
    image: image.id,
    blob: image.record.blob,
    asked: rfc3339(new Date().toISOString()),
  });
  return image;
}

/** When an image was asked for matters to a cache, when the answer was made does not. */
function withoutDate({ date: _, ...validators }: CacheValidators): Omit<CacheValidators, 'date'> {
  return validators;
}

interface WaitedFor extends WantedImage {
  /** When we began to wait for somebody else who fetched the same URL, in milliseconds; undefined if we did not. */
  readonly waitingSince: number | undefined;
}

/** What the store has of the URL, where the server need not be asked. */
async function takeKnown(
  store: Store,
  known: RemoteImage,
  wanted: WaitedFor,
  options: FetchOptions,
): Promise<FetchedImage | undefined> {
  const { reference, waitingSince = Number.POSITIVE_INFINITY } = wanted;
  const asked = rfc3339Time(known.record.asked);
  if (options.pullPolicy !== 'update' || isFresh(known.record, asked, Date.now())) {
    options.notes.detail(`image for ${reference} isn't expired, not fetching.`);
    return await judgeStored(store, known.image, wanted, options);
  }
  return asked > waitingSince
    ? await ifAccepted(judgeStored(store, known.image, wanted, options))
    : undefined;
}

/** Whoever we waited for may have asked for no signatures, or for another name. */
async function ifAccepted(judged: Promise<FetchedImage>): Promise<FetchedImage | undefined> {
  try {
    return await judged;
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
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

interface Question {
  readonly url: URL;
  readonly known: RemoteImage | undefined;
  readonly partial: PartialDownload;
}

/** The image's bytes: what the server has, after what came of it earlier; or those in the store if it says that they have not changed. */
async function askFor(
  store: Store,
  { url, known, partial }: Question,
  { http, notes }: { readonly http: Http; readonly notes: FetchNotes },
): Promise<Answer> {
  notes.detail(`remote fetching from URL ${printableUrl(url)}`);
  const stored = known === undefined ? {} : { stored: validatorsOf(known.record) };
  const answer = await fetchAci(http, { url, maxBytes: MAX_IMAGE, ...partial.held, ...stored });
  if (answer.kind === 'content') {
    const { download } = answer;
    const source = { partial, download: { ...download, bytes: watched(download, notes) } };
    return { source, validators: download.validators };
  }
  discardPartial(partial);
  if (answer.kind === 'deferred' || known === undefined) throw new HttpStatusError(url, DEFERRED);
  return { source: { path: blobFile(store, known.record.blob) }, validators: answer.validators };
}

/** Only signatures may be asked for again later. */
const DEFERRED = 202;

async function* watched({ start, bytes, total }: Download, notes: FetchNotes): AsyncGenerator<Buffer> {
  let done = start;
  for await (const chunk of bytes) {
    done += chunk.length;
    notes.progress('Downloading ACI', done, total);
    yield chunk;
  }
  notes.progress('Downloading ACI', done, done);
}
