import { show } from '../../schema/decode-error.ts';
import { type Digest, digestAlgorithm } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { isSameOrigin } from '../http/url.ts';
import type { HttpResponse } from '../http.ts';
import { cosignTag, putMerged, referrersTag, subjectOf } from '../oci/companion.ts';
import type { ImageDestination } from '../oci/destination.ts';
import type { ImageDocument } from '../oci/source.ts';
import { verifiedBytes } from '../oci/verified-bytes.ts';
import { extendedFallback } from './fallback-index.ts';
import { fetchManifest, RegistryAnswerError } from './manifest.ts';
import { registryError } from './registry-error.ts';
import type { Repository } from './repository.ts';

/** How long a registry may take to store a blob it was sent, in milliseconds. */
const STORE_MS = 15 * 60_000;

/**
 * Puts an image into a repository opened for pushing (distribution spec, push). Blobs that another repository of the same registry has
 * are not sent: `origin` is where the image comes from, asked once a blob is missing.
 */
export function registryDestination(
  repository: Repository,
  tag: string | undefined,
  origin: () => Repository | undefined = () => undefined,
): ImageDestination {
  const put = {
    putBlob: (blob: Descriptor, open: () => AsyncIterable<Buffer>) =>
      putBlob(repository, { blob, from: mountable(repository, origin()) }, open),
    putDocument: (document: ImageDocument) => putReferrer(repository, document),
  };
  return {
    ...put,
    hasBlob: (blob) => hasBlob(repository, blob),
    putCompanion: async ({ kind, subject, document }) => {
      if (kind === 'referrer') return;
      const tag = cosignTag(subject, kind);
      const known = await fetchManifest(repository, tag);
      const merged = await putMerged(put, known, document);
      if (merged.digest !== known?.digest) await putDocument(repository, merged, tag);
    },
    putName: async (document) => {
      if (tag !== undefined) await putDocument(repository, document, tag);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A registry that does not say how large its blob is gets it again, and the size is checked on the way. */
async function hasBlob({ http, base }: Repository, { digest, size }: Descriptor): Promise<boolean> {
  const response = await http.request({ url: new URL(`blobs/${digest}`, base), method: 'HEAD' });
  await response.discard();
  return response.status === 200 && response.headers.get('content-length') === String(size);
}

/** The repository to mount blobs from: another one, of the same registry. */
function mountable({ base }: Repository, origin: Repository | undefined): string | undefined {
  const isSame = origin !== undefined && isSameOrigin(origin.base, base) && origin.base.href !== base.href;
  return isSame ? origin.base.pathname.replace(/^\/v2\/|\/$/g, '') : undefined;
}

interface Upload {
  readonly blob: Descriptor;
  readonly from: string | undefined;
}

/** One POST alone, if the registry has the blob elsewhere and gives us that; else one to get a place, and one PUT with everything. */
async function putBlob(
  repository: Repository,
  { blob, from }: Upload,
  open: () => AsyncIterable<Buffer>,
): Promise<void> {
  if (from !== undefined) {
    const answer = await beginUpload(repository, { blob, from });
    if (answer.status === 202) return sendBlob(repository, blob, answer, open);
    await answer.discard();
    if (answer.status === 201 && (await hasBlob(repository, blob))) return;
  }
  const begun = await beginUpload(repository, { blob, from: undefined });
  if (begun.status !== 202) throw await registryError('upload to', begun);
  await sendBlob(repository, blob, begun, open);
}

async function sendBlob(
  { http }: Repository,
  blob: Descriptor,
  begun: HttpResponse,
  open: () => AsyncIterable<Buffer>,
): Promise<void> {
  await begun.discard();
  const url = uploadUrl(begun);
  url.searchParams.append('digest', blob.digest);
  const response = await http.request({
    url,
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
    body: () => verifiedBytes(open(), blob),
    answerMs: STORE_MS,
  });
  await expectCreated(response);
}

async function beginUpload({ http, base }: Repository, { blob, from }: Upload): Promise<HttpResponse> {
  const url = new URL('blobs/uploads/', base);
  if (from !== undefined) {
    url.searchParams.append('mount', blob.digest);
    url.searchParams.append('from', from);
  }
  return http.request({ url, method: 'POST', headers: { 'content-length': '0' } });
}

function uploadUrl({ headers, url }: HttpResponse): URL {
  const location = headers.get('location') ?? '';
  if (location === '' || !URL.canParse(location, url.href))
    throw new RegistryAnswerError(url, 'the upload has no location');
  const upload = new URL(location, url);
  if (url.protocol === 'https:' && upload.protocol !== 'https:')
    throw new RegistryAnswerError(url, 'the location of the upload is not on https');
  return upload;
}

/** A registry that says nothing of the subject keeps no list of referrers, so it is kept for it (distribution spec). */
async function putReferrer(repository: Repository, document: ImageDocument): Promise<void> {
  const listed = await putDocument(repository, document, document.digest);
  const subject = subjectOf(document);
  if (subject === undefined || subject === listed) return;
  const index = await extendedFallback(repository, subject, document);
  if (index !== undefined) await putDocument(repository, index, referrersTag(subject));
}

/** Gives what the registry says that it lists the document as a referrer of. */
async function putDocument(
  { http, base }: Repository,
  document: ImageDocument,
  reference: string | Digest,
): Promise<string | null> {
  const response = await http.request({
    url: new URL(`manifests/${reference}`, base),
    method: 'PUT',
    headers: { 'content-type': document.mediaType },
    body: document.bytes,
  });
  const stored = response.headers.get('docker-content-digest');
  await expectCreated(response);
  const isSameKind = stored?.startsWith(`${digestAlgorithm(document.digest)}:`) === true;
  if (isSameKind && stored !== document.digest)
    throw new RegistryAnswerError(
      response.url,
      `it was stored as ${show(stored)}, not as ${document.digest}`,
    );
  return response.headers.get('oci-subject');
}

async function expectCreated(response: HttpResponse): Promise<void> {
  if (response.status !== 201) throw await registryError('upload to', response);
  await response.discard();
}
