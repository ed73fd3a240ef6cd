import type { Digest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { type OciManifest, parseOciManifest } from '../../schema/oci/manifest.ts';
import { documentKind } from '../../schema/oci/media-type.ts';
import { SIGSTORE_BUNDLE_TYPE } from '../../trust/cosign/bundle.ts';
import type { Evidence } from '../../trust/evidence.ts';
import { MAX_SIGNATURES } from '../../trust/openpgp/signature.ts';
import type { Http } from '../http.ts';
import { cosignTag } from '../oci/companion.ts';
import { bundleEvidence, cosignEvidence, MAX_BUNDLE } from '../oci/signature-evidence.ts';
import { readVerified } from '../oci/verified-bytes.ts';
import { openRegistryBlob } from './blob.ts';
import { fetchLookaside } from './lookaside.ts';
import { fetchManifest } from './manifest.ts';
import { listReferrers } from './referrers.ts';
import type { Repository } from './repository.ts';

/** Where signatures of an image are looked for. */
export interface SignaturePlaces {
  readonly http: Http;
  /** Where the image was found: cosign's signatures are beside it. */
  readonly repository: Repository;
  /** Storage of "simple signing" signatures, and what the image is called there. */
  readonly lookaside: URL;
  readonly lookasideName: string;
}

/**
 * Everything that says it is a signature of one of these digests: simple signing from lookaside storage, cosign's from its tag
 * and from referrers. Whether any is good is for `trust/` to say; what is too large, too much or of another kind is left out.
 */
export async function gatherEvidence(
  places: SignaturePlaces,
  digests: readonly Digest[],
): Promise<readonly Evidence[]> {
  const found: Evidence[] = [];
  for (const digest of digests) {
    found.push(...(await simpleSignatures(places, digest)));
    found.push(...(await cosignSignatures(places.repository, digest)));
    found.push(...(await sigstoreBundles(places.repository, digest)));
  }
  return found.slice(0, MAX_SIGNATURES);
}

async function simpleSignatures(places: SignaturePlaces, digest: Digest): Promise<readonly Evidence[]> {
  const { http, lookaside, lookasideName } = places;
  const messages = await fetchLookaside(http, lookaside, lookasideName, digest);
  return messages.map((message) => ({ type: 'simple-signing', message, firstSeen: new Date() }));
}

/** cosign up to version 2: under the tag `sha256-HEX.sig`. */
async function cosignSignatures(repository: Repository, digest: Digest): Promise<readonly Evidence[]> {
  const manifest = await artifact(repository, cosignTag(digest));
  return manifest === undefined ? [] : cosignEvidence(manifest, (blob) => readBlob(repository, blob));
}

/** cosign from version 3 on: among the referrers. */
async function sigstoreBundles(repository: Repository, digest: Digest): Promise<readonly Evidence[]> {
  const referrers = await listReferrers(repository, digest);
  // Registries without the referrers API may keep no type in the index that stands in for it.
  const candidates = referrers.filter(
    ({ artifactType = SIGSTORE_BUNDLE_TYPE }) => artifactType === SIGSTORE_BUNDLE_TYPE,
  );
  const found: Evidence[] = [];
  for (const { digest: each } of candidates.slice(0, MAX_SIGNATURES)) {
    const manifest = await artifact(repository, each);
    if (manifest === undefined) continue;
    found.push(...(await bundleEvidence(manifest, digest, (blob) => readBlob(repository, blob))));
  }
  return found;
}

/** The manifest of an artifact; undefined where there is none. */
async function artifact(
  repository: Repository,
  reference: string | Digest,
): Promise<OciManifest | undefined> {
  const document = await fetchManifest(repository, reference);
  if (document === undefined || documentKind(document.mediaType) !== 'manifest') return undefined;
  return parseOciManifest(document.bytes, document.mediaType);
}

async function readBlob(repository: Repository, blob: Descriptor): Promise<Buffer> {
  const { bytes } = await openRegistryBlob(repository, blob);
  return readVerified(bytes, blob, MAX_BUNDLE);
}
