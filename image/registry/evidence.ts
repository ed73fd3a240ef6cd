import type { Digest } from '../../schema/digest.ts';
import type { Descriptor } from '../../schema/oci/descriptor.ts';
import { type OciManifest, parseOciManifest } from '../../schema/oci/manifest.ts';
import { documentKind } from '../../schema/oci/media-type.ts';
import { SIGSTORE_BUNDLE_TYPE } from '../../trust/cosign/bundle.ts';
import {
  COSIGN_BUNDLE_ANNOTATION,
  COSIGN_PAYLOAD_TYPE,
  COSIGN_SIGNATURE_ANNOTATION,
} from '../../trust/cosign/signature.ts';
import type { Evidence } from '../../trust/evidence.ts';
import { MAX_SIGNATURES } from '../../trust/openpgp/signature.ts';
import type { Http } from '../http.ts';
import { cosignTag } from '../oci/companion.ts';
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

/** cosign up to version 2: an image under the tag `sha256-HEX.sig` whose every layer is a payload. */
async function cosignSignatures(repository: Repository, digest: Digest): Promise<readonly Evidence[]> {
  const manifest = await artifact(repository, cosignTag(digest));
  const layers = manifest?.layers.filter(({ mediaType }) => mediaType === COSIGN_PAYLOAD_TYPE) ?? [];
  const found: Evidence[] = [];
  for (const layer of layers.slice(0, MAX_SIGNATURES)) {
    const signature = layer.annotations?.[COSIGN_SIGNATURE_ANNOTATION];
    const bundle = layer.annotations?.[COSIGN_BUNDLE_ANNOTATION];
    if (signature === undefined || layer.size > MAX_PAYLOAD) continue;
    found.push({
      type: 'cosign',
      payload: await readBlob(repository, layer),
      signature: Buffer.from(signature, 'base64'),
      ...(bundle === undefined ? {} : { bundle }),
      firstSeen: new Date(),
    });
  }
  return found;
}

/** cosign from version 3 on: referrers, each with one layer that is a sigstore bundle. */
async function sigstoreBundles(repository: Repository, digest: Digest): Promise<readonly Evidence[]> {
  const referrers = await listReferrers(repository, digest);
  // Registries without the referrers API may keep no type in the index that stands in for it.
  const candidates = referrers.filter(
    ({ artifactType = SIGSTORE_BUNDLE_TYPE }) => artifactType === SIGSTORE_BUNDLE_TYPE,
  );
  const found: Evidence[] = [];
  for (const { digest: each } of candidates.slice(0, MAX_SIGNATURES)) {
    const layer = bundleLayer(await artifact(repository, each), digest);
    if (layer === undefined) continue;
    found.push({ type: 'sigstore-bundle', bundle: await readBlob(repository, layer), firstSeen: new Date() });
  }
  return found;
}

function bundleLayer(manifest: OciManifest | undefined, subject: Digest): Descriptor | undefined {
  const isBundle = manifest?.artifactType === SIGSTORE_BUNDLE_TYPE && manifest.subject?.digest === subject;
  const [layer] = isBundle ? manifest.layers : [];
  return layer !== undefined && layer.size <= MAX_BUNDLE ? layer : undefined;
}

const MAX_PAYLOAD = 64 * 1024;
const MAX_BUNDLE = 1 << 20;

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
