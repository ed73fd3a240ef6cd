import { OCI_MANIFEST } from '../../schema/oci/media-type.ts';
import { bundledStatement, SIGSTORE_BUNDLE_TYPE } from '../../trust/cosign/bundle.ts';
import {
  COSIGN_BUNDLE_ANNOTATION,
  COSIGN_PAYLOAD_TYPE,
  COSIGN_SIGNATURE_ANNOTATION,
} from '../../trust/cosign/signature.ts';
import type { Evidence } from '../../trust/evidence.ts';
import { isAbout } from '../../trust/is-about.ts';
import { type Companion, signatureManifest } from '../oci/companion.ts';
import { ImageTreeError } from '../oci/image-tree.ts';
import { sha256 } from '../oci/made-image.ts';
import type { ImageDocument, ImageSource } from '../oci/source.ts';

/**
 * The same source, which offers the signatures that the store keeps with the image as though they lay beside it: those that are about this
 * document of it. Of cosign's artifacts the store keeps what was signed and the signature, so the manifests around them are made anew.
 */
export async function withKeptSignatures(
  source: ImageSource,
  document: ImageDocument,
  kept: readonly Evidence[],
): Promise<ImageSource> {
  const about = await thoseAbout(document, kept);
  const artifacts = [...cosignArtifacts(about, document), ...bundleArtifacts(about, document)];
  const blobs = new Map(artifacts.flatMap((each) => each.blobs).map((bytes) => [sha256(bytes), bytes]));
  const messages = about.flatMap((each) => (each.type === 'simple-signing' ? [each.message] : []));
  return {
    ...source,
    companions: async function* (subject) {
      if (subject === document.digest) yield* artifacts.map(({ companion }) => companion);
    },
    fetchDocument: async ({ digest }) => {
      throw new ImageTreeError(digest, 'the store keeps no index');
    },
    simpleSignatures: async (subject) => (subject === document.digest ? messages : []),
    openBlob: async (blob, offset = 0) => {
      const made = blobs.get(blob.digest);
      return made === undefined ? source.openBlob(blob, offset) : { start: offset, bytes: one(made, offset) };
    },
  };
}

async function* one(bytes: Buffer, offset: number): AsyncGenerator<Buffer> {
  yield bytes.subarray(offset);
}

async function thoseAbout(
  { digest }: ImageDocument,
  kept: readonly Evidence[],
): Promise<readonly Evidence[]> {
  const found: Evidence[] = [];
  for (const evidence of kept) if (await isAbout(evidence, digest)) found.push(evidence);
  return found;
}

/** A companion, and the blobs it consists of. */
interface Artifact {
  readonly companion: Companion;
  readonly blobs: readonly Buffer[];
}

/** One `.sig` image with all signatures in it. */
function cosignArtifacts(
  about: readonly Evidence[],
  { digest: subject }: ImageDocument,
): readonly Artifact[] {
  const signatures = about.filter((each) => each.type === 'cosign');
  if (signatures.length === 0) return [];
  const layers = signatures.map(({ payload, signature, bundle, annotations = {} }) => ({
    ...describe(payload, COSIGN_PAYLOAD_TYPE),
    annotations: {
      ...annotations,
      [COSIGN_SIGNATURE_ANNOTATION]: signature.toString('base64'),
      ...(bundle === undefined ? {} : { [COSIGN_BUNDLE_ANNOTATION]: bundle }),
    },
  }));
  const { config, document } = signatureManifest(layers);
  const blobs = [config, ...signatures.map(({ payload }) => payload)];
  return [{ companion: { kind: 'sig', subject, document }, blobs }];
}

/** The empty configuration of artifacts (image-spec, manifest.md). */
const EMPTY = Buffer.from('{}');
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';

/** A referrer for each bundle, as cosign writes it, but without a date: the same bundle gives the same bytes. */
function bundleArtifacts(about: readonly Evidence[], subject: ImageDocument): readonly Artifact[] {
  const { mediaType, digest, bytes } = subject;
  const bundles = about.flatMap((each) => (each.type === 'sigstore-bundle' ? [each.bundle] : []));
  return bundles.map((bundle) => {
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        artifactType: SIGSTORE_BUNDLE_TYPE,
        config: describe(EMPTY, EMPTY_TYPE),
        layers: [describe(bundle, SIGSTORE_BUNDLE_TYPE)],
        subject: { mediaType, digest, size: bytes.length },
        annotations: {
          'dev.sigstore.bundle.content': 'dsse-envelope',
          'dev.sigstore.bundle.predicateType': bundledStatement(bundle).predicateType,
        },
      }),
    );
    const document = { bytes: manifest, mediaType: OCI_MANIFEST, digest: sha256(manifest) };
    return { companion: { kind: 'referrer', subject: digest, document }, blobs: [EMPTY, bundle] };
  });
}

function describe(bytes: Buffer, mediaType: string) {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}
