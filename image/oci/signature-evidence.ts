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
import type { Companion } from './companion.ts';
import type { ImageSource } from './source.ts';
import { readVerified } from './verified-bytes.ts';

/** Reads a blob that is small, and verifies it. */
export type ReadBlob = (blob: Descriptor) => Promise<Buffer>;

const MAX_PAYLOAD = 64 * 1024;
/** A certificate, its chain and a timestamp are about half of that. */
const MAX_ANNOTATIONS = 16 * 1024;
/** Of what `ReadBlob` is asked for, in bytes. */
export const MAX_BUNDLE = 1 << 20;

/** cosign up to version 2: an image whose every layer is a payload. What is too large or of another kind is left out. */
export async function cosignEvidence(manifest: OciManifest, read: ReadBlob): Promise<readonly Evidence[]> {
  const layers = manifest.layers.filter(({ mediaType }) => mediaType === COSIGN_PAYLOAD_TYPE);
  const found: Evidence[] = [];
  for (const layer of layers.slice(0, MAX_SIGNATURES)) {
    const {
      [COSIGN_SIGNATURE_ANNOTATION]: signature,
      [COSIGN_BUNDLE_ANNOTATION]: bundle,
      ...others
    } = layer.annotations ?? {};
    if (signature === undefined || layer.size > MAX_PAYLOAD) continue;
    found.push({
      type: 'cosign',
      payload: await read(layer),
      signature: Buffer.from(signature, 'base64'),
      ...(bundle === undefined ? {} : { bundle }),
      ...(isWorthKeeping(others) ? { annotations: others } : {}),
      firstSeen: new Date(),
    });
  }
  return found;
}

/** They are only passed on. */
function isWorthKeeping(annotations: Readonly<Record<string, string>>): boolean {
  return Object.keys(annotations).length > 0 && JSON.stringify(annotations).length <= MAX_ANNOTATIONS;
}

/** cosign from version 3 on: a referrer with one layer that is a sigstore bundle. None where it is something else. */
export async function bundleEvidence(
  manifest: OciManifest,
  subject: Digest,
  read: ReadBlob,
): Promise<readonly Evidence[]> {
  const isBundle = manifest.artifactType === SIGSTORE_BUNDLE_TYPE && manifest.subject?.digest === subject;
  const [layer] = isBundle ? manifest.layers : [];
  if (layer === undefined || layer.size > MAX_BUNDLE) return [];
  return [{ type: 'sigstore-bundle', bundle: await read(layer), firstSeen: new Date() }];
}

/** What lies beside an image in its layout and says that it is a signature of one of these digests. `trust/` says whether it is. */
export async function evidenceBeside(
  { companions, openBlob }: ImageSource,
  digests: readonly Digest[],
): Promise<readonly Evidence[]> {
  if (companions === undefined) return [];
  const read: ReadBlob = async (blob) => readVerified((await openBlob(blob)).bytes, blob, MAX_BUNDLE);
  const found: Evidence[] = [];
  for (const digest of digests)
    for await (const companion of companions(digest)) found.push(...(await evidenceOf(companion, read)));
  return found.slice(0, MAX_SIGNATURES);
}

async function evidenceOf(
  { kind, subject, document: { bytes, mediaType } }: Companion,
  read: ReadBlob,
): Promise<readonly Evidence[]> {
  if (kind === 'att' || documentKind(mediaType) !== 'manifest') return [];
  const manifest = parseOciManifest(bytes, mediaType);
  return kind === 'sig' ? cosignEvidence(manifest, read) : bundleEvidence(manifest, subject, read);
}
